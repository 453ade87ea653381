"""What was done to fit into memory and changes pixels, as recipes name it."""

SLICED = "vae slicing"
"""Pictures that are drawn together are decoded one at a time; this only rounds otherwise."""

TILED = "vae tiling"
"""A picture is decoded in overlapping tiles whose edges are blended."""

ADJUSTMENTS = (SLICED, TILED)
"""All that this program can do again."""
