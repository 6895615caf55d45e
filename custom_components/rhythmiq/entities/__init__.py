"""What the platforms are made of: entities by what they belong to."""
