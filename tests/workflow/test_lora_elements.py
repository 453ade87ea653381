"""Step 4 with LoRAs: each is one element, to change, put back, put by and sweep."""

from pathlib import Path

import msgspec
import pytest

from tests.workflow.drawing import drawn
from tui.domain.lora import ORDER, Lora
from tui.workflow.elements import Row, edit, put_back, rows
from tui.workflow.iterating import adopt
from tui.workflow.lineage_words import told
from tui.workflow.parents import differences
from tui.workflow.rounds import GuardError, plan
from tui.workflow.splitting import split, take, waiting
from tui.workflow.sweep_draft import draft_of, typed
from tui.workflow.workspace import Workspace

PIXEL, GRAIN = Lora("/loras/pixel.safetensors", 0.8), Lora("/loras/grain.safetensors", 0.5)


def choose(workspace: Workspace, *loras: Lora, vae: str = "") -> None:
    options = msgspec.structs.replace(workspace.options, loras=loras, vae=vae)
    workspace.save_options(options)


async def with_parent(workspace: Workspace, *loras: Lora) -> None:
    choose(workspace, *loras)
    images = await drawn(workspace, plan(workspace))
    choose(workspace)
    adopt(workspace, images[0])
    assert differences(workspace) == ()
    assert workspace.options.loras == loras


def row_of(workspace: Workspace, where: str) -> Row:
    return next(row for row in rows(workspace) if row.where == where)


def said(workspace: Workspace) -> list[str]:
    return [str(element) for element in differences(workspace)]


async def test_a_weight_is_changed_and_put_back(workspace: Workspace) -> None:
    await with_parent(workspace, PIXEL, GRAIN)
    edit(workspace, row_of(workspace, "LoRA pixel"), "0,6")
    assert said(workspace) == ["LoRA pixel: 0.8 → 0.6"]
    assert plan(workspace).request.intent.lora_list[0].weight == 0.6
    assert row_of(workspace, "LoRA pixel").change is not None
    put_back(workspace, differences(workspace)[0])
    assert workspace.options.loras == (PIXEL, GRAIN)
    for text, why in (("much", "no weight"), ("50", "from -10 to 10")):
        with pytest.raises(GuardError, match=why):
            edit(workspace, row_of(workspace, "LoRA pixel"), text)
    assert workspace.options.loras == (PIXEL, GRAIN)


async def test_one_is_taken_away_and_stands_there_to_be_put_back(workspace: Workspace) -> None:
    await with_parent(workspace, PIXEL, GRAIN)
    edit(workspace, row_of(workspace, "LoRA pixel"), "")
    assert said(workspace) == ["LoRA pixel: removed “0.8”"]
    gone = row_of(workspace, "LoRA pixel")
    assert (gone.text, gone.change is not None) == ("", True)
    put_back(workspace, differences(workspace)[0])
    assert workspace.options.loras == (PIXEL, GRAIN)


async def test_one_is_added_two_are_refused_by_name_and_order_counts(workspace: Workspace) -> None:
    await with_parent(workspace, PIXEL)
    choose(workspace, PIXEL, GRAIN)
    assert said(workspace) == ["LoRA grain: added “0.5”"]
    choose(workspace, msgspec.structs.replace(PIXEL, weight=0.1), GRAIN)
    with pytest.raises(GuardError, match=r"LoRA pixel: 0\.8 → 0\.1; LoRA grain: added"):
        plan(workspace)
    await with_parent(workspace, PIXEL, GRAIN)
    choose(workspace, GRAIN, PIXEL)
    (order,) = differences(workspace)
    assert (order.where, row_of(workspace, ORDER).change) == (ORDER, order)
    with pytest.raises(GuardError, match="u puts it back"):
        edit(workspace, row_of(workspace, ORDER), "x")
    put_back(workspace, order)
    assert workspace.options.loras == (PIXEL, GRAIN)


async def test_one_that_waits_for_its_round_keeps_its_file(workspace: Workspace) -> None:
    await with_parent(workspace)
    choose(workspace, GRAIN)
    workspace.save_options(msgspec.structs.replace(workspace.options, guidance=2.5))
    guidance, added = differences(workspace)
    split(workspace, guidance)
    assert (workspace.options.loras, waiting(workspace)) == ((), (added,))
    images = await drawn(workspace, plan(workspace))
    adopt(workspace, images[0])
    take(workspace, added)
    assert workspace.options.loras == (GRAIN,)
    assert differences(workspace) == (added,)


async def test_another_autoencoder_is_one_change(workspace: Workspace) -> None:
    await with_parent(workspace)
    choose(workspace, vae="/models/soft/vae")
    assert said(workspace) == ["VAE: the model's own → soft"]
    put_back(workspace, differences(workspace)[0])
    assert workspace.options.vae == ""


async def test_a_weight_is_swept(workspace: Workspace) -> None:
    await with_parent(workspace, PIXEL)
    draft = draft_of(workspace, row_of(workspace, "LoRA pixel"))
    assert draft.before == "0.8"
    sweep = typed(draft, "0.2, 0.4, -, 0.8", "")
    assert sweep.values == ("0.2", "0.4", "-")
    assert sweep.name == "LoRA pixel: 0.2, 0.4, -"
    assert [column.intent.lora_list for column in sweep.columns()][-1] == ()


async def test_an_image_tells_its_loras(workspace: Workspace, tmp_path: Path) -> None:
    await with_parent(workspace, PIXEL, GRAIN)
    parent = workspace.parent()
    assert parent is not None
    assert ("LoRAs", "pixel 0.8, grain 0.5") in told(workspace, parent)
    assert "pixel 0.8, grain 0.5" in workspace.options.in_words()
