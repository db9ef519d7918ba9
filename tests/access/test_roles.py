"""Which role may do what, and whose figures a viewer sees: the whole table, written a second time."""

from __future__ import annotations

import pytest

from eabsensi.access.roles import RIGHTS, NotAllowedError, Right, Role, Viewer
from eabsensi.law.wording import Language

A, H, L, O, E = Role.ADMIN, Role.HR, Role.LEADER, Role.OPERATOR, Role.EMPLOYEE  # noqa: E741  columns of a table
TABLE = {
    Right.SEE_UNITS: {A, H, L, O},
    Right.SEE_PERSON: {A, H, L, O, E},
    Right.SEE_INDICATIONS: {A, H, L, O},
    Right.SEE_FINDINGS: {A, H, L},
    Right.SEE_ALLOWANCE: {A, H, O},
    Right.FILE_DOCUMENT: {A, H, O},
    Right.DECIDE_DOCUMENT: {A, H},
    Right.CLOSE_PERIOD: {A, H},
    Right.SEE_UNMAPPED: {A, H, O},
    Right.MAP_PIN: {A, H},
    Right.SEE_DEVICES: {A, H, L, O},
    Right.SEE_PUNCHES: {A, H},
    Right.SEE_TRAIL: {A, H},
    Right.MANAGE_ACCOUNTS: {A},
}
OWN, OTHER = "198503172010012003", "199001022015031004"


def viewer(role, units=None, nip=OWN):
    scope = frozenset() if role is Role.EMPLOYEE else units
    return Viewer("ratna", "Ratna Dewi", role, None, scope, nip, Language.ID)


def test_the_table_names_every_right_and_every_role():
    assert set(TABLE) == set(Right)
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says(role, right):
    somebody = viewer(role)
    allowed = role in TABLE[right]
    assert somebody.may(right) is allowed
    if allowed:
        somebody.require(right)
    else:
        with pytest.raises(NotAllowedError):
            somebody.require(right)


SCOPE = frozenset({"DINKES", "PKM1"})


@pytest.mark.parametrize(
    ("role", "units", "code", "sees"),
    [
        (A, None, "DISDIK", True),
        (H, None, "DISDIK", True),
        (L, None, "DISDIK", True),
        (L, SCOPE, "PKM1", True),
        (L, SCOPE, "DISDIK", False),
        (O, SCOPE, "DINKES", True),
        (O, SCOPE, "DISDIK", False),
        (O, frozenset(), "DINKES", False),
        (E, None, "DINKES", False),
    ],
)
def test_a_unit_is_seen_where_the_role_and_the_scope_allow_it(role, units, code, sees):
    somebody = viewer(role, units)
    assert somebody.sees_unit(code) is sees
    if sees:
        somebody.require_unit(code)
    else:
        with pytest.raises(NotAllowedError, match=code):
            somebody.require_unit(code)


@pytest.mark.parametrize(
    ("role", "units", "nip", "of_units", "sees"),
    [
        (E, None, OWN, ["DINKES"], True),
        (E, None, OWN, [], True),
        (E, None, OTHER, ["DINKES"], False),
        (O, SCOPE, OTHER, ["PKM1"], True),
        (O, SCOPE, OTHER, ["DISDIK", "PKM1"], True),
        (O, SCOPE, OTHER, ["DISDIK"], False),
        (O, SCOPE, OTHER, [], False),
        (O, SCOPE, OWN, ["DISDIK"], True),
        (H, None, OTHER, [], True),
        (A, None, OTHER, ["DISDIK"], True),
    ],
)
def test_a_person_is_seen_by_oneself_and_by_who_sees_one_of_the_units(role, units, nip, of_units, sees):
    somebody = viewer(role, units)
    assert somebody.sees_person(nip, of_units) is sees
    if sees:
        somebody.require_person(nip, of_units)
    else:
        with pytest.raises(NotAllowedError):
            somebody.require_person(nip, of_units)


def test_who_has_no_nip_is_nobodys_self():
    assert not viewer(E, nip=None).sees_person("", [])


def test_a_refusal_is_said_in_the_language_of_who_is_refused():
    with pytest.raises(NotAllowedError) as refused:
        viewer(O, SCOPE).require_unit("DISDIK")
    assert "DISDIK berada di luar wewenang" in refused.value.said(Language.ID)
    assert str(refused.value) == refused.value.said(Language.EN)
    assert "outside" in str(refused.value)
