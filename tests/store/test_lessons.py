"""What each change did: kept with the verdict, found by its words, gone with the project."""

import pytest

from tui.domain.change import Element
from tui.domain.round import Round, RoundKind, Verdict
from tui.store.jobs import JobState
from tui.store.projects import Project
from tui.store.store import Store

CLOSE = Element("composition", "", "Close-up")
REQUEST = '{"intent": {"model": "starter"}}'


@pytest.fixture
def project(store: Store) -> Project:
    return store.projects.add("A cat")


def judged(
    store: Store,
    project: Project,
    *changes: Element,
    kind: RoundKind = RoundKind.CHANGE,
    verdict: Verdict = Verdict.BETTER,
    learned: str = "",
) -> Round:
    job = store.jobs.add(project.id, REQUEST)
    made = store.rounds.add(project.id, job.id, kind, changes=changes)
    return store.rounds.update(made.id, verdict=verdict, learned=learned)


def test_a_lesson_is_a_judged_change_of_one_element(store: Store, project: Project) -> None:
    judged(store, project, CLOSE, kind=RoundKind.REWRITE)
    judged(store, project, CLOSE, Element("steps", "2", "3"))
    judged(store, project, CLOSE, verdict=Verdict.OPEN)
    judged(store, project, CLOSE, kind=RoundKind.MORE)
    assert store.lessons.search() == ()
    taught = judged(store, project, CLOSE, learned="larger subject")
    store.rounds.update(taught.id, effect=(0.21, "mostly the subject"))
    (lesson,) = store.lessons.search()
    assert (lesson.element, lesson.after, lesson.model) == ("composition", "Close-up", "starter")
    assert (lesson.verdict, lesson.learned) == (Verdict.BETTER, "larger subject")
    assert (lesson.amount, lesson.region) == (0.21, "mostly the subject")
    store.rounds.update(taught.id, verdict=Verdict.OPEN)
    assert store.lessons.search() == ()
    assert store.lessons.search("larger") == ()


def test_lessons_are_found_by_what_they_say(store: Store, project: Project) -> None:
    close = judged(store, project, CLOSE, learned="größeres Motiv")
    oil = judged(store, project, Element("style", "flat", "oil paint"), verdict=Verdict.WORSE)
    store.rounds.update(oil.id, effect=(0.4, "everywhere"))

    def found(words: str) -> list[str]:
        return [lesson.round_id for lesson in store.lessons.search(words)]

    assert found("composition clo") == found("motiv") == found("großeres mot") == [close.id]
    assert found("oil everywh") == found("starter worse") == [oil.id]
    assert found("") == found('" * (') == [oil.id, close.id]
    assert found('close" OR "oil') == []
    assert store.lessons.about(["close-UP", "nothing"])[0].round_id == close.id
    assert store.lessons.count() == 2
    # What is said anew takes the place of what was said.
    store.rounds.update(close.id, learned="nothing")
    assert found("motiv") == []


def test_they_go_with_their_project(store: Store, project: Project) -> None:
    judged(store, project, CLOSE)
    other = store.projects.add("A dog")
    kept = judged(store, other, CLOSE)
    store.projects.trash(project.id)
    assert store.lessons.count() == 2
    for job in store.jobs.list(project_id=project.id):
        store.jobs.set_state(job.id, JobState.DONE)
    store.projects.delete_for_good(project.id)
    assert [lesson.round_id for lesson in store.lessons.search("close")] == [kept.id]
