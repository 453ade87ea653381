"""What a picture says to those who do not see it, drafted from brief and layers."""

from tui.domain.brief import Brief
from tui.domain.prompt import Layers
from tui.domain.text import as_sentence, clean
from tui.store.images import ImageRecord
from tui.workflow.workspace import Workspace

LONGEST = 250
"""Characters; screen readers read it in one breath."""


def alt_text(brief: Brief, layers: Layers) -> str:
    """One sentence: what is seen and how, or else what the brief wants to be seen."""
    seen = clean(layers.subject) or ", ".join(brief.cleaned().must_contain)
    if not seen:
        return ""
    style = clean(layers.style)
    return as_sentence(f"{seen}, {style}" if style else seen, limit=LONGEST)


def alt_text_of(workspace: Workspace, image: ImageRecord) -> str:
    """The draft for an image of the open project, of the words that made it."""
    recipe = image.recipe
    layers = workspace.project.draft if recipe is None else recipe.intent.layers
    return alt_text(workspace.project.brief, layers)
