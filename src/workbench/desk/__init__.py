"""The analyst's desk: choices above a notebook, the list of questions, and what is kept on saving.

`saving` and `stripping` keep records of people out of saved notebooks; `choosing` changes a
notebook's parameters without editing; `asked` lists the questions and whether an export answers
them.
"""
