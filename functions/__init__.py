"""What runs in Lambda: one shelf for each reason to run."""
