"""What the media player has to offer, and how it is played."""
