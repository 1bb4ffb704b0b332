"""What is said of the order and timing of supports, and of missed appointments."""
