"""What the product costs and how well it ranks, as ratios in one run."""
