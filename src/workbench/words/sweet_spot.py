"""What is said of how often people are seen, and how they come out."""
