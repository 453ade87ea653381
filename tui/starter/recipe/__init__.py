"""How the starter model is made: from icon packages to a diffusers folder, step by step.

`python -m tui.starter.recipe` does all of it and goes on where it was after a kill. It is not part
of the installed program: it needs npm, resvg-py (the extra `recipe`) and hours.
"""
