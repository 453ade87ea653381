"""`python -m tui.starter.recipe`."""

from tui.starter.recipe.command import main

if __name__ == "__main__":
    main(prog_name="python -m tui.starter.recipe")
