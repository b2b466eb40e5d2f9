"""The laptop: the local AWS, what stands in for vendors, and the replay of real sales."""
