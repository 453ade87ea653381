"""Recipes and styles as other programs write them: read within limits, never run, made harmless.

Small readers of our own: `sd-parsers`, which the tests hold them against, takes texts of any
size, fails with bare errors on deep JSON and on two negative prompts, and does not read SwarmUI,
a graph of ComfyUI without its workflow, or quoted settings with commas.
"""
