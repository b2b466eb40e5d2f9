"""What the product costs and how well it judges, measured."""
