"""Coming in, being known again, going; and that a refusal tells nothing."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import argon2
import pytest
from door import MORNING, OFFICE, PASSWORD, RATNA, cheap

from eabsensi.access.accounts import (
    create_token,
    disable_account,
    enable_account,
    place_account,
    reset_password,
    revoke_token,
)
from eabsensi.access.doorkeeper import Doorkeeper, LoginRefusedError, TooManyAttemptsError
from eabsensi.access.passwords import PasswordRefusedError, Passwords, password_hasher
from eabsensi.access.roles import Role
from eabsensi.law.wording import Language
from eabsensi.store.people import Unit, save_units


@pytest.fixture
def ratna(door):
    """Give a door with one account, an operator's."""
    door.make("ratna", Role.OPERATOR, unit="DINKES", nip=RATNA, name=None)
    return door


def test_the_viewer_is_what_the_account_says(ratna):
    session = ratna.enter("  Ratna ").session
    viewer = session.viewer
    assert (viewer.account, viewer.name, viewer.role, viewer.unit) == ("ratna", "Ratna Dewi", Role.OPERATOR, "DINKES")
    assert viewer.units == {"DINKES", "PKM1"}
    assert (viewer.nip, viewer.language, session.must_change_password) == (RATNA, Language.ID, False)


@pytest.mark.parametrize(
    ("role", "wanted", "units"),
    [
        (Role.ADMIN, {}, None),
        (Role.HR, {}, None),
        (Role.LEADER, {}, None),
        (Role.LEADER, {"unit": "PKM1"}, {"PKM1"}),
        (Role.EMPLOYEE, {"nip": RATNA}, set()),
    ],
)
def test_the_scope_follows_role_and_unit(door, role, wanted, units):
    door.make("somebody", role, **wanted)
    assert door.enter("somebody").session.viewer.units == units


def test_a_unit_that_is_added_below_is_seen_from_the_next_page_on(ratna):
    token = ratna.enter("ratna").token
    with ratna.store.begin() as connection:
        save_units(connection, [Unit("PKM2", "Puskesmas Dua", "DINKES", "upt", "6-day", None)])
    assert ratna.keeper.recognise(token).viewer.sees_unit("PKM2")


def test_of_a_token_only_the_hash_is_kept(ratna, owner):
    entry = ratna.enter("ratna")
    assert len(entry.token) >= 43  # 256 bits in base64
    [row] = owner.execute("SELECT token_hash, address, agent FROM session").fetchall()
    assert row == (hashlib.sha256(entry.token.encode()).hexdigest(), OFFICE, "Firefox")
    assert entry.token not in repr(entry)


def test_each_log_in_is_a_session_of_its_own(ratna):
    first, second = ratna.enter("ratna"), ratna.enter("ratna")
    assert first.token != second.token
    assert first.session.csrf != second.session.csrf
    assert ratna.keeper.recognise(first.token) == first.session
    assert ratna.keeper.recognise(second.token) == second.session
    ratna.keeper.log_out(first.token)
    assert ratna.keeper.recognise(first.token) is None
    assert ratna.keeper.recognise(second.token) is not None


@pytest.mark.parametrize("token", ["", "x", "ratna", "\udcff", "\x00", "a" * 10_000])
def test_a_token_that_nobody_was_given_is_nothing(ratna, token):
    ratna.enter("ratna")
    assert ratna.keeper.recognise(token) is None
    assert ratna.keeper.recognise_api(token) is None
    ratna.keeper.log_out(token)
    assert ratna.actions(account="ratna") == ["log-in"]


# --- the life of a session -----------------------------------------------------------------------------------------


def test_a_session_is_over_after_half_an_hour_without_a_sign_of_life(ratna):
    token = ratna.enter("ratna").token
    for _ in range(4):
        ratna.clock.forward(minutes=29)
        assert ratna.keeper.recognise(token) is not None
    ratna.clock.forward(minutes=30)
    assert ratna.keeper.recognise(token) is None


def test_a_session_is_over_after_twelve_hours_whatever_it_does(ratna):
    token = ratna.enter("ratna").token
    for _ in range(35):
        ratna.clock.forward(minutes=20)
        assert ratna.keeper.recognise(token) is not None
    ratna.clock.forward(minutes=19, seconds=59)
    assert ratna.keeper.recognise(token) is not None
    ratna.clock.forward(seconds=1)
    assert ratna.keeper.recognise(token) is None


def test_signs_of_life_are_noted_once_a_minute(ratna, owner):
    token = ratna.enter("ratna").token
    seen = []
    for seconds in (59, 1, 30, 30):
        ratna.clock.forward(seconds=seconds)
        ratna.keeper.recognise(token)
        seen.append(owner.execute("SELECT last_seen_at FROM session").fetchone()[0] - MORNING)
    assert [span.total_seconds() for span in seen] == [0, 60, 60, 120]


def test_sessions_that_are_over_are_removed_at_the_next_log_in(ratna, owner):
    for _ in range(3):
        ratna.enter("ratna")
    ratna.clock.forward(minutes=31)
    ratna.enter("ratna")
    assert owner.execute("SELECT count(*) FROM session").fetchone() == (1,)


def test_a_disabled_account_is_out_at_once(ratna):
    tokens = [ratna.enter("ratna").token for _ in range(2)]
    with ratna.store.begin() as connection:
        disable_account(connection, "ratna", by="installer", at=ratna.clock.now())
    assert [ratna.keeper.recognise(token) for token in tokens] == [None, None]
    with pytest.raises(LoginRefusedError):
        ratna.enter("ratna")
    with ratna.store.begin() as connection:
        enable_account(connection, "ratna", by="installer", at=ratna.clock.now())
    assert [ratna.keeper.recognise(token) for token in tokens] == [None, None]
    assert ratna.enter("ratna").session.viewer.account == "ratna"


def test_a_session_that_outlived_the_disabling_is_none(ratna, owner):
    token = ratna.enter("ratna").token
    owner.execute("UPDATE account SET disabled_at = now()")
    assert ratna.keeper.recognise(token) is None


def test_another_role_counts_from_the_next_page_on(ratna):
    token = ratna.enter("ratna").token
    with ratna.store.begin() as connection:
        place_account(connection, "ratna", Role.EMPLOYEE, None, by="installer", at=ratna.clock.now())
    viewer = ratna.keeper.recognise(token).viewer
    assert (viewer.role, viewer.units) == (Role.EMPLOYEE, frozenset())


# --- refusals ------------------------------------------------------------------------------------------------------


def _refusal(door, username, password):
    with pytest.raises(LoginRefusedError) as refused:
        door.enter(username, password)
    return type(refused.value), str(refused.value), refused.value.said(Language.ID)


def test_every_refusal_is_the_same_sentence(ratna):
    ratna.make("agus", Role.HR)
    with ratna.store.begin() as connection:
        disable_account(connection, "agus", by="installer", at=ratna.clock.now())
    refusals = {
        _refusal(ratna, "ratna", "salah salah salah"),
        _refusal(ratna, "ratna", ""),
        _refusal(ratna, "nobody", PASSWORD),
        _refusal(ratna, "no\x00body", PASSWORD),
        _refusal(ratna, "", PASSWORD),
        _refusal(ratna, "agus", PASSWORD),
        _refusal(ratna, "ratna", "\udcff"),
        _refusal(ratna, "ratna", "x" * 100_000),
    }
    assert len(refusals) == 1
    reasons = [entry.subject for entry in reversed(ratna.trail()) if entry.action == "log-in-refused"]
    assert reasons == [
        *("wrong-password", "wrong-password", "unknown-name", "unknown-name", "unknown-name", "disabled"),
        *("wrong-password", "wrong-password"),
    ]


def test_what_was_typed_as_an_unknown_name_is_kept_nowhere(ratna, owner):
    typed = "hujan-turun-di-sungai"  # the password in the wrong field
    with pytest.raises(LoginRefusedError):
        ratna.enter(typed)
    for table in ("trail", "login_attempt"):
        assert typed not in str(owner.execute(f"SELECT * FROM {table}").fetchall())


class CountingHasher(argon2.PasswordHasher):
    """Counts what it verifies, and how many at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1, hash_len=4, salt_len=8)  # as door.cheap()
        self.verified: list[str] = []
        self.at_once = self.most = 0
        self.lock = threading.Lock()
        self.meeting: threading.Barrier | None = None

    def verify(self, kept, password):
        with self.lock:
            self.verified.append(kept)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        try:
            if self.meeting is not None:
                self.meeting.wait(timeout=30)
            return super().verify(kept, password)
        finally:
            with self.lock:
                self.at_once -= 1


def test_an_unknown_name_costs_a_comparison_too(ratna):
    hasher = CountingHasher()
    keeper = Doorkeeper(ratna.store, ratna.clock, hasher)
    for username in ("ratna", "nobody"):
        with pytest.raises(LoginRefusedError):
            keeper.log_in(username, "salah salah salah", address=OFFICE, agent="")
    known, unknown = hasher.verified
    assert argon2.extract_parameters(known) == argon2.extract_parameters(unknown)


def test_no_more_passwords_are_compared_at_once_than_memory_is_meant_for():
    hasher = CountingHasher()
    hasher.meeting = threading.Barrier(2)  # two have to be inside together, so that the limit is not one by chance
    passwords = Passwords(hasher, at_once=2)
    kept = passwords.hash(PASSWORD)
    threads = [threading.Thread(target=passwords.verify, args=(kept, PASSWORD)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (hasher.most, len(hasher.verified)) == (2, 8)


def test_hashes_are_argon2id_and_renewed_when_the_parameters_change(ratna, owner):
    kept = "SELECT password_hash FROM account"
    before = owner.execute(kept).fetchone()[0]
    assert before.startswith("$argon2id$")
    ratna.enter("ratna")
    assert owner.execute(kept).fetchone()[0] == before
    dearer = argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    Doorkeeper(ratna.store, ratna.clock, dearer).log_in("ratna", PASSWORD, address=OFFICE, agent="")
    after = owner.execute(kept).fetchone()[0]
    assert argon2.extract_parameters(after).memory_cost == 16
    assert Passwords(dearer).verify(after, PASSWORD)
    assert ratna.enter("ratna").session.viewer.account == "ratna"


def test_the_parameters_in_use_are_those_of_rfc_9106():
    hasher = password_hasher()
    assert (hasher.time_cost, hasher.memory_cost, hasher.parallelism) == (3, 65536, 4)


# --- guessing ------------------------------------------------------------------------------------------------------


def _fail(door, username="ratna", times=1, address=OFFICE):
    for _ in range(times):
        with pytest.raises(LoginRefusedError) as refused:
            door.enter(username, "salah salah salah", address)
        assert not isinstance(refused.value, TooManyAttemptsError)


def _wait(door, username="ratna", password=PASSWORD, address=OFFICE):
    with pytest.raises(TooManyAttemptsError) as refused:
        door.enter(username, password, address)
    return refused.value.retry_after_seconds


def test_after_five_failures_even_the_right_password_has_to_wait_and_ever_longer(ratna):
    _fail(ratna, times=5)
    waits = []
    for _ in range(11):
        waits.append(_wait(ratna))
        ratna.clock.forward(seconds=waits[-1])
        _fail(ratna)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    ratna.clock.forward(seconds=_wait(ratna) - 1)
    assert _wait(ratna) == 1
    ratna.clock.forward(seconds=1)
    assert ratna.enter("ratna").session.viewer.account == "ratna"


def test_a_right_password_begins_the_count_anew(ratna):
    for _ in range(3):
        _fail(ratna, times=4)
        ratna.enter("ratna")
    _fail(ratna, times=5)
    assert _wait(ratna) == 2


def test_failures_are_forgotten_after_a_day(ratna):
    _fail(ratna, times=4)
    ratna.clock.forward(hours=24)
    _fail(ratna, times=4)
    assert ratna.enter("ratna").session.viewer.account == "ratna"


def test_a_name_that_nobody_has_waits_like_any_other(ratna):
    _fail(ratna, "nobody", times=5)
    assert _wait(ratna, "nobody") == 2
    assert ratna.enter("ratna").session.viewer.account == "ratna"


def test_the_count_holds_over_processes_and_other_addresses(ratna):
    _fail(ratna, times=3, address="10.9.9.9")
    _fail(ratna, times=2)
    with pytest.raises(TooManyAttemptsError):
        Doorkeeper(ratna.store, ratna.clock, cheap()).log_in("ratna", PASSWORD, address="10.7.7.7", agent="")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("10.1.2.3", "::ffff:10.1.2.3", True),
        ("2001:db8:0:7::1", "2001:db8:0:7:ffff::9", True),
        ("2001:db8:0:7::1", "2001:db8:0:8::1", False),
        ("10.1.2.3", "10.1.2.4", False),
        ("unix:", "unix:", True),
    ],
)
def test_an_address_that_tries_many_names_has_to_wait(ratna, first, second, same):
    for number in range(50):
        _fail(ratna, f"guess{number}", address=first)
    assert _wait(ratna, "ratna", address=first) == 2
    if same:
        assert _wait(ratna, address=second) == 2
    else:
        assert ratna.enter("ratna", address=second).session.viewer.account == "ratna"


def test_a_right_password_does_not_clear_its_address(ratna):
    for number in range(49):
        _fail(ratna, f"guess{number}")
    ratna.enter("ratna")
    ratna.enter("ratna")
    _fail(ratna, "guess50")
    assert _wait(ratna, "guess51") == 2
    ratna.clock.forward(seconds=2)
    ratna.enter("ratna")  # was right, so nobody else waits for it
    ratna.enter("ratna")


def test_guesses_at_the_same_moment_do_not_slip_in_between(ratna):
    hasher = CountingHasher()
    keeper = Doorkeeper(ratna.store, ratna.clock, hasher)

    def guess():
        with pytest.raises(LoginRefusedError):
            keeper.log_in("ratna", "salah salah salah", address=OFFICE, agent="")

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hasher.verified) == 5


def test_a_block_is_in_the_trail_once_however_often_somebody_knocks(ratna):
    _fail(ratna, times=5)
    for _ in range(4):
        _wait(ratna)
    blocks = [entry for entry in ratna.trail(account="ratna") if entry.subject == "too-many-attempts"]
    assert [(entry.detail, entry.address) for entry in blocks] == [({"wait_seconds": 2}, OFFICE)]


def test_an_administrator_may_end_the_wait(ratna):
    _fail(ratna, times=5)
    with ratna.store.begin() as connection:
        enable_account(connection, "ratna", by="installer", at=ratna.clock.now())
    assert ratna.enter("ratna").session.viewer.account == "ratna"


# --- passwords -----------------------------------------------------------------------------------------------------

NEW = "kereta lewat jam tujuh"


def test_a_changed_password_ends_every_session_and_the_old_password(ratna):
    tokens = [ratna.enter("ratna").token for _ in range(2)]
    ratna.keeper.change_password(ratna.keeper.recognise(tokens[0]), PASSWORD, NEW)
    assert [ratna.keeper.recognise(token) for token in tokens] == [None, None]
    assert _refusal(ratna, "ratna", PASSWORD)[0] is LoginRefusedError
    assert ratna.enter("ratna", NEW).session.must_change_password is False
    assert ratna.actions(account="ratna") == ["log-in", "log-in", "change-password", "log-in-refused", "log-in"]


def test_changing_wants_the_old_password_and_guessing_it_is_slowed_down(ratna):
    entry = ratna.enter("ratna")
    for _ in range(5):
        with pytest.raises(LoginRefusedError):
            ratna.keeper.change_password(entry.session, "salah salah salah", NEW)
    with pytest.raises(TooManyAttemptsError):
        ratna.keeper.change_password(entry.session, PASSWORD, NEW)
    assert ratna.keeper.recognise(entry.token) is not None


@pytest.mark.parametrize("new", [PASSWORD, "pendek", f"saya {RATNA} ya"])
def test_a_new_password_that_breaks_a_rule_changes_nothing(ratna, new):
    entry = ratna.enter("ratna")
    with pytest.raises(PasswordRefusedError):
        ratna.keeper.change_password(entry.session, PASSWORD, new)
    assert ratna.keeper.recognise(entry.token) is not None
    assert ratna.enter("ratna").session.viewer.account == "ratna"


def test_a_password_is_the_same_however_its_letters_are_composed(door):
    door.make("agus", Role.HR, password="café au lait susu")
    assert door.enter("agus", "cafe\u0301 au lait susu").session.viewer.account == "agus"


def test_a_one_time_password_opens_the_door_to_be_changed(ratna):
    token = ratna.enter("ratna").token
    with ratna.store.begin() as connection:
        once = reset_password(connection, ratna.passwords, "ratna", by="installer", at=ratna.clock.now())
    assert ratna.keeper.recognise(token) is None
    session = ratna.enter("ratna", once).session
    assert session.must_change_password
    ratna.keeper.change_password(session, once, NEW)
    assert not ratna.enter("ratna", NEW).session.must_change_password


def test_a_one_time_password_is_good_for_a_week(door):
    once = door.make("agus", Role.HR, password=None)
    door.clock.forward(days=6, hours=23)
    assert door.enter("agus", once).session.must_change_password
    door.clock.forward(hours=1)
    assert _refusal(door, "agus", once)[0] is LoginRefusedError
    assert door.trail()[0].subject == "one-time-password-expired"


# --- programs ------------------------------------------------------------------------------------------------------


def _token(door, name="payroll", role=Role.HR, unit=None, days=None):
    with door.store.begin() as connection:
        return create_token(connection, name, role, unit, days=days, by="installer", at=door.clock.now())


def test_a_token_is_a_viewer_without_a_person(door, owner):
    token = _token(door, "puskesmas", Role.OPERATOR, "DINKES")
    viewer = door.keeper.recognise_api(token)
    assert (viewer.account, viewer.name, viewer.role) == ("token:puskesmas", "puskesmas", Role.OPERATOR)
    assert (viewer.unit, viewer.units, viewer.nip) == ("DINKES", {"DINKES", "PKM1"}, None)
    assert door.keeper.recognise(token) is None
    [kept] = owner.execute("SELECT token_hash FROM api_token").fetchall()
    assert kept == (hashlib.sha256(token.encode()).hexdigest(),)


def test_a_token_ends_by_itself_or_when_it_is_revoked(door):
    lasting, short = _token(door), _token(door, "ekinerja", days=1)
    door.clock.forward(hours=23, minutes=59)
    assert door.keeper.recognise_api(short) is not None
    door.clock.forward(minutes=1)
    assert door.keeper.recognise_api(short) is None
    assert door.keeper.recognise_api(lasting) is not None
    with door.store.begin() as connection:
        revoke_token(connection, "payroll", by="installer", at=door.clock.now())
    assert door.keeper.recognise_api(lasting) is None


def test_the_use_of_a_token_is_noted_once_a_minute(door, owner):
    token = _token(door)
    used = []
    for seconds in (0, 59, 1):
        door.clock.forward(seconds=seconds)
        door.keeper.recognise_api(token)
        used.append(owner.execute("SELECT last_used_at FROM api_token").fetchone()[0] - MORNING)
    assert used == [timedelta(0), timedelta(0), timedelta(minutes=1)]
