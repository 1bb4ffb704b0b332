from workbench.analyses.cohorts.survival import LogRank, Survival, survival
