"""What is said of a comparison between two groups of clients."""
