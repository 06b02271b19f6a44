"""What a folder of files must survive."""

import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest
from wagtail.search.backends import get_search_backend

from search.backends import tantivy as module
from search.backends.tantivy import BusyError, locked
from search.queries import Search


def titles(query):
    return [result.page.title for result in Search().answer(query).results]


def full_disk(*args):
    raise OSError("No space left on device")


@pytest.fixture(autouse=True)
def _no_failure_yet():
    module.FAILED.clear()


class MissingIndexTests:
    def test_it_is_built_by_the_first_search(self, write):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]

    @pytest.mark.parametrize("damage", ["empty", "garbage", "meta", "segment"])
    def test_a_damaged_one_is_built_anew(self, write, search_index, damage):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        folder = search_index.folder
        path = folder.path / folder.generation()
        if damage == "empty":
            shutil.rmtree(path)
            path.mkdir()
        elif damage == "meta":
            (path / "meta.json").unlink()
        elif damage == "garbage":
            (path / "meta.json").write_text("{")
        else:
            for file in path.iterdir():
                if file.suffix not in (".json", ".lock"):
                    file.write_bytes(b"\0" * 10)
        module.OPENED.clear()
        assert titles("bananas") == ["Bananas"]
        assert titles("bananas") == ["Bananas"]

    def test_one_of_an_older_shape_is_built_anew(self, write, search_index, monkeypatch):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        before = search_index.folder.generation()
        monkeypatch.setattr("search.backends.base.SCHEMA_VERSION", 999)
        assert titles("bananas") == ["Bananas"]
        assert search_index.folder.generation() != before


class LockTests:
    def test_waiting_is_bounded(self, tmp_path):
        with locked(tmp_path / "lock"), pytest.raises(BusyError), locked(tmp_path / "lock", 0.05):
            pass

    def test_a_dead_process_holds_nothing(self, tmp_path):
        path = tmp_path / "lock"
        program = (
            "import fcntl, time, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX);"
            " print('held', flush=True); time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE
        ) as process:
            process.stdout.readline()
            with pytest.raises(BusyError), locked(path, 0):
                pass
            process.send_signal(signal.SIGKILL)
            process.wait()
        with locked(path, 1):
            pass

    def test_what_one_writer_could_not_write_the_next_one_does(
        self, write, search_index, monkeypatch
    ):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        monkeypatch.setattr(module, "PATIENCE", 0.05)
        monkeypatch.setattr(module, "locked", lambda path, patience=0.05: locked(path, patience))
        with locked(search_index.folder.writer_lock):
            write("Cherries")
            assert titles("cherries") == []
        write("Damsons")
        assert titles("damsons") == ["Damsons"]
        assert titles("cherries") == ["Cherries"]

    def test_nobody_waits_for_a_merge_and_it_writes_what_was_noted(
        self, write, search_index, monkeypatch
    ):
        post = write("Bananas")
        assert titles("bananas") == ["Bananas"]
        type(post).objects.filter(pk=post.pk).update(title="Cherries")
        merges = module.SearchBackend._merge_parts

        def merge_slowly(self):
            started = time.monotonic()
            search_index.sync([post.pk])
            assert time.monotonic() - started < 1
            assert titles("cherries") == []
            merges(self)

        monkeypatch.setattr(module.SearchBackend, "_merge_parts", merge_slowly)
        monkeypatch.setattr(module.connection, "close", lambda: None)
        search_index._merge(str(search_index.folder.path))
        assert titles("cherries") == ["Cherries"]
        assert not search_index.folder.is_behind()

    def test_what_is_noted_while_one_writes_is_written_too(self, write, search_index, monkeypatch):
        first, second = write("Bananas"), write("Cherries")
        assert titles("bananas") == ["Bananas"]
        generation = search_index.folder.generation()
        type(first).objects.filter(pk__in=[first.pk, second.pk]).update(title="Damsons")
        own = module.SearchBackend.write

        def write_slowly(self, writer, pages):
            if first.pk in pages:
                self.folder.note([second.pk])
            own(self, writer, pages)

        monkeypatch.setattr(module.SearchBackend, "write", write_slowly)
        search_index.sync([first.pk])
        assert titles("damsons") == ["Damsons", "Damsons"]
        assert search_index.folder.generation() == generation

    def test_what_could_not_be_written_for_another_cause_stays_noted(
        self, write, search_index, monkeypatch
    ):
        post = write("Bananas")
        assert titles("bananas") == ["Bananas"]
        before = search_index.folder.generation()
        with monkeypatch.context() as patch:
            patch.setattr(module.SearchBackend, "write", full_disk)
            with pytest.raises(OSError, match="No space"):
                search_index.sync([post.pk])
        assert search_index.folder.generation() == before
        assert search_index.folder.is_behind()
        assert titles("bananas") == ["Bananas"]
        search_index.sync([])
        assert not search_index.folder.is_behind()

    def test_what_a_process_began_is_written_when_it_has_died(self, search_index):
        folder = search_index.folder
        folder.begin([5])
        assert folder.take() == []
        # The lock of its file went with the process.
        (folder.path / "begun.1").write_text("7\n8\n")
        assert folder.is_behind()
        assert folder.take() == [7, 8]
        folder.end()
        folder.done()

    def test_nothing_is_noted_for_a_rebuild_that_died(self, write, search_index):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        search_index.folder.journal.write_text("1\n")
        search_index.folder.note([2])
        assert not search_index.folder.journal.exists()
        rebuild = search_index.start_rebuild()
        search_index.folder.note([3])
        assert search_index.folder.take_journal() == [3]
        rebuild.finish()

    def test_a_torn_note_is_left_out(self, search_index):
        search_index.folder.note([1, 2])
        with search_index.folder.pending.open("a") as file:
            file.write("12")
        assert search_index.folder.take() == [1, 2]

    def test_many_can_note_at_once(self, tmp_path, db):
        backend = get_search_backend("reader", PATH=tmp_path / "index", LAZY=False)
        backend.rebuild_all()
        noted = range(1, 41)

        def writer(numbers):
            for number in numbers:
                backend.folder.note([number])

        threads = [threading.Thread(target=writer, args=(noted[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert backend.folder.take() == list(noted)
