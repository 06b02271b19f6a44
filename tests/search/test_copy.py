"""A machine's own copy of the index: how it is built, kept in step, and mended."""

import shutil
import signal
import subprocess
import sys
import threading

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import F

from blog.models import PostPage
from search.answers import answer_to
from search.engine import copy as module
from search.engine import outbox
from search.engine.copy import Copy
from search.engine.folder import BusyError, Position, is_held, locked
from search.engine.writer import Writer
from search.models import SearchChange, SearchMachine, SearchSequence


def titles(query):
    return [result.page.title for result in answer_to(query).results]


@pytest.fixture
def machine(search_index, tmp_path):
    """Another machine by its name: a copy of the index in a folder of its own."""

    def machine(name):
        shape, models = search_index.shape, search_index.models
        return Copy(tmp_path / name, shape, search_index.fingerprint, models, at_once=True)

    return machine


def known_to(copy):
    reader = copy.reader()
    keys = PostPage.objects.values_list("pk", flat=True)
    return sorted(texts["title"][0] for texts in reader.texts(keys).values())


@pytest.fixture
def during_build(monkeypatch):
    """Let something happen while an index is built: when its pages have been read."""

    def during_build(happens):
        add = Writer.add

        def add_and_more(writer, pages):
            skipped = add(writer, pages)
            monkeypatch.setattr(Writer, "add", add)
            happens()
            return skipped

        monkeypatch.setattr(Writer, "add", add_and_more)

    return during_build


class BuildingTests:
    def test_a_missing_index_is_built_by_the_first_search(self, write, search_index):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        search_index.reset()
        assert titles("bananas") == ["Bananas"]

    @pytest.mark.parametrize("damage", ["empty", "garbage", "meta", "segment", "position"])
    def test_a_damaged_one_is_built_anew(self, write, search_index, damage):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        path = search_index.folder.index()
        if damage == "empty":
            shutil.rmtree(path)
            path.mkdir()
        elif damage == "meta":
            (path / "meta.json").unlink()
        elif damage == "garbage":
            (path / "meta.json").write_text("{")
        elif damage == "position":
            (path / "position").write_text("half a fi")
        else:
            for file in path.iterdir():
                if file.suffix not in (".json", ".lock"):
                    file.write_bytes(b"\0" * 10)
        search_index.opened = None
        write("Cherries")
        assert titles("bananas") == ["Bananas"]
        assert titles("cherries") == ["Cherries"]

    def test_one_of_another_shape_is_built_anew_beside_it(self, write, search_index, monkeypatch):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        before = search_index.folder.index()
        monkeypatch.setattr(search_index, "fingerprint", "another")
        assert titles("bananas") == ["Bananas"]
        assert search_index.folder.index() != before

    def test_a_large_site_is_answered_by_the_database_until_it_is_built(
        self, write, search_index, monkeypatch, client
    ):
        write("Bananas")
        call_command("update_index", backend_name="default", verbosity=0)
        monkeypatch.setattr(module, "FEW", 0)
        monkeypatch.setattr(search_index, "at_once", False)
        begun = []
        monkeypatch.setattr(search_index, "_in_background", lambda work, daemon: begun.append(work))
        answer = answer_to("bananas")
        assert answer.unavailable
        assert [result.page.title for result in answer.results] == ["Bananas"]
        assert begun == [search_index._build_unless_built]
        assert "The search is being prepared" in client.get("/search/?q=bananas").text
        assert client.get("/search/suggest/?q=ban").json() == {"suggestions": []}

    def test_one_that_could_not_be_built_does_not_bar_the_next(
        self, write, search_index, monkeypatch
    ):
        write("Bananas")
        with monkeypatch.context() as broken:
            broken.setattr(Writer, "add", lambda *args: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                search_index.build()
        search_index.build()
        assert titles("bananas") == ["Bananas"]

    def test_only_one_is_built_at_a_time(self, search_index, during_build, monkeypatch, write):
        write("Bananas")
        monkeypatch.setattr(module, "READER_WAITS", 0)
        met = []

        def build_too():
            met.append(search_index.state().is_building)
            with pytest.raises(BusyError):
                search_index.build()
            met.append("busy")

        during_build(build_too)
        search_index.build()
        assert met == [True, "busy"]
        assert not search_index.state().is_building

    def test_one_whose_changes_are_pruned_meanwhile_does_not_answer(
        self, write, search_index, during_build
    ):
        write("Bananas")
        titles("bananas")
        before = search_index.folder.index()

        def prune():
            write("Cherries")
            titles("cherries")
            SearchSequence.objects.update(pruned=F("last"))

        during_build(prune)
        with pytest.raises(outbox.MissedError):
            search_index.build()
        assert search_index.folder.index() == before

    def test_what_changes_meanwhile_is_in_the_new_one(self, write, search_index, during_build):
        write("Before")
        post = write("Apples")
        before = search_index.folder.index()

        def change():
            post.title = "Pears"
            post.save_revision().publish()
            gone = write("Damsons")
            gone.delete()

        during_build(change)
        search_index.build()
        assert search_index.folder.index() != before
        assert search_index.reader().size() == 2
        assert titles("pears") == ["Pears"]
        assert titles("apples") == titles("damsons") == []
        assert titles("before") == ["Before"]

    def test_no_change_that_it_needs_is_pruned_meanwhile(
        self, write, search_index, during_build, monkeypatch
    ):
        monkeypatch.setattr(module, "HEARTBEAT", -1)
        write("Bananas")
        titles("bananas")

        def change():
            write("Cherries")
            assert titles("cherries") == ["Cherries"]
            assert SearchChange.objects.exists()

        during_build(change)
        search_index.build()
        assert titles("cherries") == ["Cherries"]
        assert not SearchChange.objects.exists()


class InStepTests:
    def test_each_machine_takes_in_every_change(self, write, machine):
        first, second = machine("first"), machine("second")
        post = write("Bananas")
        assert known_to(first) == known_to(second) == ["Bananas"]
        write("Cherries")
        post.delete()
        assert known_to(first) == ["Cherries"]
        write("Damsons")
        assert known_to(second) == known_to(first) == ["Cherries", "Damsons"]

    def test_a_change_is_pruned_when_all_machines_have_it(self, write, machine, monkeypatch):
        monkeypatch.setattr(module, "HEARTBEAT", -1)
        first, second = machine("first"), machine("second")
        known_to(first), known_to(second)
        write("Bananas")
        known_to(first)
        assert SearchChange.objects.exists()
        known_to(second)
        assert not SearchChange.objects.exists()
        assert SearchMachine.objects.count() == 2

    def test_a_machine_that_was_away_for_long_builds_its_copy_anew(
        self, write, machine, monkeypatch
    ):
        monkeypatch.setattr(module, "HEARTBEAT", -1)
        first, second = machine("first"), machine("second")
        known_to(first), known_to(second)
        built = second.folder.index()
        SearchMachine.objects.filter(name=second.folder.index().name).delete()
        write("Bananas")
        known_to(first)
        assert not SearchChange.objects.exists()
        assert known_to(second) == ["Bananas"]
        assert second.folder.index() != built

    def test_a_folder_that_was_copied_to_another_machine_takes_in_what_it_lacks(
        self, write, machine, monkeypatch
    ):
        monkeypatch.setattr(module, "HEARTBEAT", -1)
        first = machine("first")
        write("Bananas")
        known_to(first)
        shutil.copytree(first.folder.path, first.folder.path.with_name("twin"), symlinks=True)
        write("Cherries")
        known_to(first)
        assert known_to(machine("twin")) == ["Bananas", "Cherries"]

    def test_a_build_that_is_begun_and_killed_takes_no_change_from_the_index_that_answers(
        self, write, search_index, during_build
    ):
        write("Bananas")
        titles("bananas")
        before = search_index.folder.index()
        write("Cherries")
        during_build(lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            search_index.build()
        assert titles("cherries") == ["Cherries"]
        assert search_index.folder.index() == before

    def test_a_machine_whose_changes_are_pruned_while_it_reads_them_builds_its_copy_anew(
        self, write, search_index, monkeypatch
    ):
        write("Bananas")
        titles("bananas")
        number_new = outbox.number_new

        def prune():
            state = number_new()
            SearchChange.objects.all().delete()
            SearchSequence.objects.update(pruned=F("last"))
            return state

        write("Cherries")
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(outbox, "number_new", prune)
            search_index.look()
        assert titles("cherries") == ["Cherries"]

    def test_another_database_is_not_answered_from_the_index_of_the_first(
        self, write, search_index
    ):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        before = search_index.folder.index()
        SearchSequence.objects.update(key="another")
        assert titles("bananas") == ["Bananas"]
        assert search_index.folder.index() != before

    def test_what_could_not_be_written_is_written_the_next_time(
        self, write, search_index, monkeypatch, caplog
    ):
        write("Bananas")
        assert titles("bananas") == ["Bananas"]
        index = search_index.folder.index()
        with monkeypatch.context() as full:

            def fail(*args):
                raise OSError("No space left on device")

            full.setattr(Writer, "add", fail)
            write("Cherries")
            assert titles("cherries") == []
            assert search_index.state().behind > 0
            assert search_index.state().is_failing
        assert "No space left on device" in caplog.text
        assert titles("cherries") == ["Cherries"]
        assert search_index.state().behind == 0
        assert search_index.folder.index() == index

    def test_a_change_is_written_once_more_by_who_comes_after_a_killed_writer(
        self, write, search_index
    ):
        write("Bananas")
        titles("bananas")
        path = search_index.folder.index()
        position = search_index.folder.position(path)
        write("Cherries")
        assert titles("cherries") == ["Cherries"]
        # The index was written, and its position was not.
        search_index.folder.set_position(path, position)
        assert titles("cherries") == ["Cherries"]
        assert search_index.reader().size() == 2

    @pytest.fixture
    def in_a_thread(self, write, search_index, monkeypatch):
        """Let a thread of this process take in a change, which is written when it is told."""
        write("Bananas")
        titles("bananas")
        told, done = threading.Event(), []
        monkeypatch.setattr(search_index, "at_once", False)
        monkeypatch.setattr(search_index, "catch_up", lambda: done.append(told.wait(5)))
        search_index.take_in()
        yield told, done
        told.set()

    def test_a_search_waits_for_what_its_own_process_published(self, search_index, in_a_thread):
        told, done = in_a_thread
        threading.Timer(0.01, told.set).start()
        search_index.reader()
        assert done == [True]

    def test_no_search_waits_for_what_takes_long(self, search_index, in_a_thread, monkeypatch):
        _told, done = in_a_thread
        monkeypatch.setattr(module, "READER_WAITS_FOR_CHANGES", 0.01)
        search_index.reader()
        assert done == []
        monkeypatch.setattr(module, "READER_WAITS_FOR_CHANGES", 60)
        search_index.reader()
        assert done == []

    def test_who_finds_another_at_work_does_not_wait_and_the_other_looks_again(
        self, write, search_index, machine, monkeypatch
    ):
        write("Bananas")
        titles("bananas")
        shape, models = search_index.shape, search_index.models
        path, fingerprint = search_index.folder.path, search_index.fingerprint
        second = Copy(path, shape, fingerprint, models, at_once=True)
        write_new = search_index._write_new

        def write_and_meet(path):
            write_new(path)
            if not PostPage.objects.filter(title="Cherries").exists():
                write("Cherries")
                second.take_in()
                assert second.state().behind > 0

        monkeypatch.setattr(search_index, "_write_new", write_and_meet)
        write("Damsons")
        search_index.take_in()
        assert search_index.state().behind == 0
        assert known_to(second) == ["Bananas", "Cherries", "Damsons"]

    def test_nothing_is_taken_in_before_its_transaction_ends(self, write, search_index):
        write("Bananas")
        titles("bananas")
        write("Cherries")
        search_index.at_once = False
        try:
            assert titles("cherries") == []
        finally:
            search_index.at_once = True

    def test_a_page_that_cannot_be_indexed_is_left_out_and_told(
        self, write, search_index, monkeypatch, caplog
    ):
        post = write("Bananas")
        write("Cherries")

        def get_prose(page):
            if page.pk == post.pk:
                raise ValueError("a body that nobody can read")
            return ""

        with monkeypatch.context() as broken:
            broken.setattr(PostPage, "get_prose", get_prose)
            assert titles("cherries") == ["Cherries"]
            assert search_index.state().skipped == (post.pk,)
            assert "a body that nobody can read" in caplog.text
        post.save()
        assert titles("bananas") == ["Bananas"]
        assert search_index.state().skipped == ()


class OutboxTests:
    def test_every_change_gets_a_number_after_it_can_be_seen(self, db, monkeypatch):
        monkeypatch.setattr(outbox, "BATCH", 2)
        outbox.state()
        outbox.note([5, 6, 7, 5])
        assert outbox.state().has_new
        outbox.number_new()
        state = outbox.state()
        assert not state.has_new
        number, pages = 0, []
        while True:
            batch, number = outbox.after(Position(state.outbox, number))
            if not batch:
                break
            pages.append(batch)
        assert pages == [[5, 6], [5, 7]]
        assert outbox.behind(0) == 4
        assert outbox.behind(number) == 0

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_what_commits_late_with_an_earlier_id_is_taken_in(self):
        name = outbox.state().outbox
        late = connections["default"].copy()
        try:
            late.set_autocommit(False)
            with late.cursor() as cursor:
                cursor.execute("INSERT INTO search_searchchange (page) VALUES (1)")
            outbox.note([2])
            outbox.number_new()
            taken, number = outbox.after(Position(name, 0))
            assert taken == [2]
            assert outbox.after(Position(name, number)) == ([], number)
            late.commit()
            assert SearchChange.objects.order_by("pk").first().page == 1
            outbox.number_new()
            assert outbox.after(Position(name, number))[0] == [1]
        finally:
            late.close()

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_numbers_are_given_by_one_at_a_time(self):
        name = outbox.state().outbox
        stop = threading.Event()
        wrong = []

        def number():
            while not stop.is_set():
                outbox.number_new()
            connection.close()

        def read():
            last, seen, goes_on = 0, [], True
            while goes_on:
                # What is read after the end has all that was noted.
                ended = stop.is_set()
                pages, last = outbox.after(Position(name, last))
                seen += pages
                goes_on = bool(pages) or not ended
            if sorted(seen) != list(range(200)):
                wrong.append((len(seen), sorted(set(range(200)) - set(seen))))
            connection.close()

        threads = [threading.Thread(target=work) for work in (number, number, read, read)]
        for thread in threads:
            thread.start()
        for page in range(200):
            outbox.note([page])
        while outbox.state().has_new:
            pass
        stop.set()
        for thread in threads:
            thread.join()
        assert not wrong


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
            assert is_held(path)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert not is_held(path)
        with locked(path, 1):
            pass
