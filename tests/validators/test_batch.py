"""Many documents: their order, errors kept in their place, workers that die, and how much is held at a time."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from einvoice.errors import ArtefactMissing, EInvoiceError, Location, MalformedXML, SettingsError, UnknownFormat, Unreadable, UnsafeXML
from einvoice.report import Finding, Layer, Report, Severity, Verdict
from einvoice_validators import batch_flow, batch_pool, batch_worker
from einvoice_validators.batch import Checked, CheckFailed, Document, Task, check_many
from einvoice_validators.batch_chunks import ENOUGH, MOST, chunks
from tests.speed.documents import ubl

SOUND = ubl(2)
BROKEN = SOUND.replace(b"<cbc:IssueDate>2026-03-02", b"<cbc:IssueDate>2.3.2026")
DEADLY = b"<deadly/>"

posix = pytest.mark.skipif(sys.platform != "linux", reason="a fork takes along what the test has put in the place of the check")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that takes no rules: valid, invalid for what is broken, and the end of its process for what is deadly."""

    def check(task: Task, how: object) -> Checked:
        if task.source == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        verdict = Verdict.INVALID if task.source == BROKEN else Verdict.VALID
        return Checked(task.name, Report(task.name, "ubl-invoice", "peppol", (Layer("structure", "1", verdict),)))

    monkeypatch.setattr(batch_worker, "check_one", check)


@pytest.fixture(autouse=True)
def forking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are forks, whatever threads other tests have left."""
    if sys.platform == "linux":
        monkeypatch.setattr(batch_pool, "get_context", lambda kind: get_context("fork"))


def forked(workers: int = 2) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("fork"))


@pytest.fixture(params=["one", "two processes", "a process pool", "threads"])
def executing(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Each way to check, as the arguments that ask for it."""
    executors: dict[str, Callable[[], Executor]] = {"a process pool": forked, "threads": lambda: ThreadPoolExecutor(2)}
    if make := executors.get(request.param):
        with make() as executor:
            yield {"executor": executor}
    else:
        yield {"jobs": 2 if request.param == "two processes" else 1}


def test_each_document_has_its_verdict_or_its_error_in_its_place(tmp_path: Path, executing: dict[str, Any]) -> None:
    (tmp_path / "a.xml").write_bytes(BROKEN)
    fetching = EInvoiceError("the mailbox is closed")
    there, nowhere = tmp_path / "a.xml", tmp_path / "nowhere.xml"
    documents: list[Document] = [there, nowhere, b"", BROKEN, ("mail 4", b"<a"), ("mail 5", fetching), b"<a/>", BROKEN]
    found = [*check_many(documents, **executing)]
    names = [str(there), str(nowhere), "document 3", "document 4", "mail 4", "mail 5", "document 7", "document 8"]
    assert [each.name for each in found] == names
    errors = [type(None), Unreadable, UnknownFormat, type(None), MalformedXML, EInvoiceError, UnknownFormat, type(None)]
    assert [type(each.error) for each in found] == errors
    assert [each.verdict for each in found if each.error] == [Verdict.NOT_JUDGED] * 5
    assert {each.verdict for each in found if each.report} == {Verdict.INVALID}
    assert [each.report.source for each in found if each.report] == [names[0], names[3], names[7]]


FINDING = Finding("draft-value", Severity.FATAL, "text", "BT-1", "/Invoice", 3, "12.50")
ERRORS = [
    MalformedXML("cut short", source="a.xml", location=Location(3, "/Invoice", "BT-1"), mend="send it again"),
    Unreadable("two faults", (FINDING, FINDING)),
    UnsafeXML("large"),
    ArtefactMissing("none"),
    SettingsError("wrong"),
    CheckFailed("ended"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_keeps_what_it_knows_on_its_way(error: EInvoiceError) -> None:
    sent = pickle.loads(pickle.dumps(batch_worker._packed(Checked("a", error=error))))  # noqa: S301 - our own
    found = batch_worker.unpacked("a", sent).error
    assert (type(found), str(found)) == (type(error), str(error))
    assert vars(found) == vars(error)


def test_every_way_gives_the_same_reports(executing: dict[str, Any]) -> None:
    documents = [BROKEN if number % 3 else BROKEN.replace(b"SPEED-2", b"") for number in range(100)]
    assert [*check_many(documents, **executing)] == [*check_many(documents)]


def test_a_report_is_the_same_after_its_way() -> None:
    finding = Finding("BR-1", Severity.WARNING, "text", "BT-1", "/Invoice", 3, "12.50")
    layers = (
        Layer("structure", "UBL 2.1", Verdict.VALID),
        Layer.judged("en16931", "1", (finding, Finding("BR-2", Severity.FATAL, "text"))),
        Layer.not_judged("peppol", "", "none"),
        Layer("more", "1", Verdict.NOT_JUDGED, required=False, note="no use"),
    )
    checked = Checked("a", Report("a", "cii", None, layers), None, Report("a", "cii", "peppol", ()), ("BR-1 here only",))
    assert batch_worker.unpacked("a", batch_worker._packed(checked)) == checked
    assert checked.verdict is Verdict.INVALID


def test_a_fault_of_ours_is_that_documents_error(monkeypatch: pytest.MonkeyPatch, executing: dict[str, Any]) -> None:
    def validate(parsed: Any, profile: object, **asked: object) -> Report:
        if parsed.source == "document 2":
            raise ZeroDivisionError
        return Report(parsed.source, None, None, ())

    if sys.platform != "linux" and "jobs" in executing:
        pytest.skip("the test's check is not taken along")
    monkeypatch.setattr(batch_worker, "validate_parsed", validate)
    found = [*check_many([SOUND] * 3, **executing)]
    assert [type(each.error) for each in found] == [type(None), CheckFailed, type(None)]
    assert "ZeroDivisionError" in str(found[1].error)


def test_the_size_is_bounded_and_a_profile_can_be_named(executing: dict[str, Any]) -> None:
    [found] = check_many([BROKEN], max_size=1_000, **executing)
    assert isinstance(found.error, UnsafeXML)
    [found] = check_many([BROKEN], profile="nlcius", **executing)
    assert found.report
    assert found.report.profile == "nlcius"
    with pytest.raises(SettingsError):
        check_many([BROKEN], profile="nothing", **executing)


def test_what_is_no_document_is_an_error_of_the_program(executing: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="document 1 is str"):
        [*check_many(["a.xml"], **executing)]  # type: ignore[list-item]


def test_files_are_read_here_where_workers_do_not_see_them(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(BROKEN)
    sent: list[Any] = []

    class Elsewhere(ThreadPoolExecutor):
        def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
            sent.extend(source for _, source in arguments[0])
            return super().submit(work, *arguments, **more)

    with Elsewhere(1) as executor:
        found = [*check_many([tmp_path / "a.xml", tmp_path / "b.xml"], executor=executor, ship_bytes=True)]
        assert sent == [BROKEN]
        assert [type(each.error) for each in found] == [type(None), Unreadable]
        [large] = check_many([tmp_path / "a.xml"], executor=executor, ship_bytes=True, max_size=10)
    assert len(sent[1]) == 11
    assert isinstance(large.error, UnsafeXML)


@pytest.mark.parametrize("arguments", [{}, {"jobs": 2}, {"jobs": 2, "chunk": 5}])
def test_no_more_is_held_than_a_few_chunks_a_worker(stub: None, arguments: dict[str, Any]) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield SOUND

    found = check_many(endless(), **arguments)
    ahead = [taken - done for done, _ in enumerate(islice(found, 3_000), 1)]
    found.close()  # type: ignore[attr-defined]
    most = (2 * batch_flow.AHEAD + 1) * arguments.get("chunk", min(MOST, ENOUGH // len(SOUND) + 1)) if arguments else 0
    assert max(ahead) <= most
    assert not arguments or max(ahead) > 2


def test_chunks_begin_with_one_document_and_grow_up_to_a_bound() -> None:
    sizes = [len(part) for part in chunks((Task(str(number), b"") for number in range(500)), 2, None)]
    assert sizes[:8] == [1, 1, 2, 2, 4, 4, 8, 8]
    assert max(sizes) == MOST
    assert sum(sizes) == 500
    large = Task("large", bytes(ENOUGH))
    assert [len(part) for part in chunks(iter([large] * 9), 1, None)] == [1] * 9
    assert [len(part) for part in chunks(iter([large] * 9), 1, 4)] == [4, 4, 1]


@posix
def test_only_the_document_that_ends_its_process_is_an_error(stub: None) -> None:
    documents = [DEADLY if number in {0, 70, 71, 199} else (BROKEN if number % 2 else SOUND) for number in range(200)]
    found = [*check_many(documents, jobs=2)]
    assert [number for number, each in enumerate(found) if each.error] == [0, 70, 71, 199]
    assert all(isinstance(found[number].error, CheckFailed) for number in (0, 70, 71, 199))
    verdicts = [Verdict.INVALID if number % 2 else Verdict.VALID for number in range(200)]
    assert all(each.verdict is verdict for each, verdict in zip(found, verdicts, strict=True) if each.report)


@posix
def test_a_process_killed_midway_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(task: Task, how: object) -> Checked:
        sleep(0.002)
        return Checked(task.name, Report(str(os.getpid()), None, None, (Layer("structure", "1", Verdict.VALID),)))

    monkeypatch.setattr(batch_worker, "check_one", check)
    workers: list[str] = []
    for number, each in enumerate(check_many([SOUND] * 400, jobs=2)):
        assert each.report
        assert each.report.source
        workers.append(each.report.source)
        if number == 100:
            os.kill(int(each.report.source), signal.SIGKILL)
    assert len(workers) == 400
    assert len({*workers}) > 2


@posix
def test_with_an_executor_that_breaks_every_document_is_still_told_of(stub: None) -> None:
    with forked() as executor:
        found = [*check_many([*[SOUND] * 50, DEADLY, *[SOUND] * 2_000], executor=executor)]  # more than fly at a time
    assert [each.name for each in found] == [f"document {number}" for number in range(1, 2_052)]
    assert all((each.error is None) is (each.verdict is Verdict.VALID) for each in found)
    assert all(isinstance(each.error, CheckFailed) for each in [found[50], *found[-100:]])


@posix
def test_processes_that_always_end_are_given_up(stub: None) -> None:
    found = [*check_many([DEADLY] * 60, jobs=2, chunk=1)]
    assert [type(each.error) for each in found] == [CheckFailed] * 60


def test_where_a_cluster_gives_a_chunk_up_only_the_one_document_is_an_error(stub: None) -> None:
    class Cluster(ThreadPoolExecutor):
        def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
            deadly = any(source == DEADLY for _, source in arguments[0])
            return super().submit((lambda *_: 1 // 0) if deadly else work, *arguments, **more)

    with Cluster(2) as executor:
        found = [*check_many([DEADLY if number in {3, 77} else SOUND for number in range(150)], executor=executor)]
    assert [number for number, each in enumerate(found) if each.error] == [3, 77]


def test_an_executor_that_is_shut_down_leaves_errors(stub: None) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    assert [type(each.error) for each in check_many([SOUND] * 3, executor=executor)] == [CheckFailed] * 3


def test_workers_without_the_package_are_an_error_of_the_whole() -> None:
    class Without(ThreadPoolExecutor):
        def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
            return super().submit(__import__, "einvoice_of_another_name")

    with Without(1) as executor, pytest.raises(EInvoiceError, match="einvoice_of_another_name"):
        [*check_many([SOUND], executor=executor)]


@pytest.mark.parametrize("rows", [[], [None] * 5, None])
def test_an_answer_that_is_none_is_no_verdict(rows: Any) -> None:
    class Wrong(ThreadPoolExecutor):
        def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
            return super().submit(lambda: rows)

    with Wrong(1) as executor:
        assert [type(each.error) for each in check_many([SOUND] * 3, executor=executor, chunk=3)] == [CheckFailed] * 3


def test_a_silent_executor_is_not_waited_for() -> None:
    class Silent(Executor):
        def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
            return Future()

    found = [*check_many([SOUND] * 100, executor=Silent(), patience=0.05)]
    assert [type(each.error) for each in found] == [CheckFailed] * 100


def test_one_chunk_that_stays_away_does_not_stop_the_others(stub: None) -> None:
    class Half(ThreadPoolExecutor):
        def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
            return Future() if arguments[0][0][0] == "document 3" else super().submit(work, *arguments, **more)

    with Half(2) as executor:
        found = [*check_many([SOUND] * 60, executor=executor, patience=0.1, chunk=1)]
    assert [each.name for each in found if each.error] == ["document 3"]


def test_one_process_imports_nothing_for_many() -> None:
    code = "import sys; from einvoice_validators.batch import check_many; [*check_many([b'<a/>'])]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"multiprocessing", "concurrent.futures", "pickle", "pydantic"} & {*loaded}


REFUSED = b'<!DOCTYPE Invoice [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SOUND.partition(b"?>")[2]


def test_what_is_refused_says_which_layers_were_not_judged(executing: dict[str, Any]) -> None:
    [checked] = check_many([REFUSED], **executing)
    assert isinstance(checked.error, UnsafeXML)
    assert checked.verdict is Verdict.NOT_JUDGED
    assert checked.report is not None
    assert {layer.name: layer.verdict for layer in checked.report.layers} == dict.fromkeys(
        ("structure", "en16931", "peppol"), Verdict.NOT_JUDGED
    )


@pytest.mark.parametrize(
    "data", [b"<!DOCTYPE a><a/>", b"<!DOCTYPE Invoice><Invoice", b"<!DOCTYPE Invoice><Invoice><x:CustomizationID>&e;</x:CustomizationID>"]
)
def test_what_is_refused_and_says_little_is_not_judged_either(data: bytes) -> None:
    [checked] = check_many([data])
    assert checked.error is not None
    assert checked.verdict is Verdict.NOT_JUDGED
