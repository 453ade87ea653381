"""ComfyUI's graph: from the sampler that draws, back along its links, to the words it got.

A graph is `{id: {"class_type": …, "inputs": {name: value or [id, slot]}}}`. It is data: nothing
of it is run, loops end, and what is too large is not walked.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from tui.imaging.foreign.found import ForeignRecipe, recipe_of

Node = Mapping[str, object]
Graph = Mapping[str, Node]

_MOST_NODES = 5_000
_MOST_SAMPLERS = 10
_WORDLESS = "ConditioningZeroOut"
"""A node behind which words no longer count."""
_TEXTS = ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt", "string", "value", "positive")
"""Inputs that hold words in an encoder, or in a node that feeds one."""
_ASIDE = frozenset({
    "clip", "model", "vae", "image", "images", "latent", "latent_image", "samples", "control_net",
    "clip_vision", "mask", "pixels", "sampler", "sigmas", "noise", "style_model",
    "clip_vision_output", "ipadapter",
})  # fmt: skip
"""Links that lead away from the words."""
_MODELS = ("ckpt_name", "unet_name", "model_name")
_SETTINGS = (
    "seed", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "denoise", "guidance",
    "width", "height",
)  # fmt: skip


def comfyui(graph: object) -> ForeignRecipe | None:
    """The recipe of the first sampler with words; None where no sampler has any."""
    nodes = _nodes(graph)
    samplers = (
        (name, found)
        for name in sorted(nodes, key=_as_number)
        if (found := _conditioning(nodes, _inputs(nodes, name))) is not None
    )
    for sampler, conditioning in islice(samplers, _MOST_SAMPLERS):
        prompt = _words(nodes, conditioning[0], "positive")
        if prompt:
            negative = _words(nodes, conditioning[1], "negative")
            settings, model = _around(nodes, sampler)
            return recipe_of("ComfyUI", prompt, negative, model, settings)
    return None


def from_workflow(workflow: object) -> Graph:
    """The graph of a `workflow`, which is how the editor stores it; empty where it is none."""
    if not isinstance(workflow, dict):
        return {}
    sources: dict[object, list[object]] = {}
    for link in _list(workflow.get("links"))[: 2 * _MOST_NODES]:
        if isinstance(link, list) and len(link) >= 3 and isinstance(link[0], int):
            sources[link[0]] = [str(link[1]), link[2]]
    graph: dict[str, Node] = {}
    for node in _list(workflow.get("nodes"))[:_MOST_NODES]:
        if not isinstance(node, dict):
            continue
        inputs: dict[str, object] = {}
        # The first text of a node is what is typed into it; its other values have no names here.
        values = _list(node.get("widgets_values"))
        if text := next((value for value in values if isinstance(value, str)), ""):
            inputs["text"] = text
        for socket in _list(node.get("inputs")):
            if isinstance(socket, dict) and isinstance(link := socket.get("link"), int):
                inputs[str(socket.get("name"))] = sources.get(link)
        graph[str(node.get("id"))] = {"class_type": node.get("type"), "inputs": inputs}
    return graph


def _nodes(graph: object) -> Graph:
    if not isinstance(graph, dict) or len(graph) > _MOST_NODES:
        return {}
    return {str(name): node for name, node in graph.items() if isinstance(node, dict)}


def _inputs(nodes: Graph, name: str) -> Mapping[str, object]:
    found = nodes.get(name, {}).get("inputs")
    return found if isinstance(found, dict) else {}


def _conditioning(nodes: Graph, inputs: Mapping[str, object]) -> tuple[object, object] | None:
    """The links to the positive and the negative words, of a node that takes noise to a picture."""
    if not {"latent_image", "latent", "samples", "sampler_name"} & inputs.keys():
        return None
    if _is_link(inputs.get("positive")):
        return inputs["positive"], inputs.get("negative")
    if _is_link(guider := inputs.get("guider")):
        given = _inputs(nodes, _target(guider))
        return given.get("positive", given.get("conditioning")), given.get("negative")
    return None


def _words(nodes: Graph, link: object, side: str) -> str:
    """All texts that a link leads to, each once, in the order in which they are reached."""
    found: dict[str, None] = {}
    for text in _texts(nodes, link, side):
        found[text] = None
    return "\n".join(found)


def _texts(nodes: Graph, start: object, side: str) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        link = waiting.pop()
        if not _is_link(link) or _target(link) in seen:
            continue
        seen.add(_target(link))
        inputs = _inputs(nodes, _target(link))
        if nodes.get(_target(link), {}).get("class_type") == _WORDLESS:
            continue
        names = _TEXTS if side == "positive" else (*_TEXTS[:-1], "negative")
        typed = [inputs[name] for name in names if name in inputs]
        texts = [text for text in typed if isinstance(text, str) and text.strip()]
        if texts:
            yield from texts
            continue
        waiting += reversed(_onward(inputs, link, side))


def _onward(inputs: Mapping[str, object], link: object, side: str) -> list[object]:
    """The links to go on along; a node with two sides passes each on by itself."""
    if "positive" in inputs and "negative" in inputs:
        return [inputs["negative" if _slot(link) == 1 or side == "negative" else "positive"]]
    return [value for name, value in inputs.items() if name not in _ASIDE and _is_link(value)]


def _around(nodes: Graph, sampler: str) -> tuple[dict[str, object], object]:
    """Settings and model: the nearest of each name, going back from the sampler."""
    settings: dict[str, object] = {}
    model: object = ""
    seen: set[str] = set()
    waiting = [sampler]
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        inputs = _inputs(nodes, name)
        for key in _SETTINGS:
            if isinstance(inputs.get(key), (str, int, float)):
                settings.setdefault(key, inputs[key])
        model = model or next((inputs[key] for key in _MODELS if key in inputs), "")
        waiting += [_target(value) for value in inputs.values() if _is_link(value)]
    return settings, model


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], (str, int))


def _target(link: object) -> str:
    return str(link[0]) if isinstance(link, list) else ""


def _slot(link: object) -> object:
    return link[1] if isinstance(link, list) else None


def _as_number(name: str) -> tuple[int, str]:
    return (int(name) if name.isascii() and name.isdigit() and len(name) < 10 else 10**9, name)
