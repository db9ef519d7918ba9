"""A unit's letterhead: what it has of its own, what it takes from above, and what a file may not say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from eabsensi.law import loader
from eabsensi.law.letterhead import Letterhead, Letterheads, Signer, UnitLetterhead
from eabsensi.law.loader import PolicyError, load_policy

CITY = Letterhead(
    government="PEMERINTAH KOTA",
    agency="BKPSDM",
    address="Jalan Balai Kota 1",
    place="Jambi",
    phone="0741 100",
    signer=Signer("Kepala BKPSDM"),
    crest=Path("kota.svg"),
)
HEALTH = UnitLetterhead(
    agency="DINAS KESEHATAN", address="Jalan Sehat 2", phone="0741 200", signer=Signer("Kepala Dinas Kesehatan")
)
HEADS = Letterheads(
    CITY,
    {
        "DINKES": HEALTH,
        "PKM": UnitLetterhead(agency="PUSKESMAS", signer=Signer("Kepala Puskesmas")),
        "PKM-JAUH": UnitLetterhead(address="Jalan Jauh 3"),
    },
)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return Path(shutil.copytree(loader.SHIPPED / "kota-jambi", tmp_path / "rules"))


def write(local: Path, more: str) -> Path:
    (local / "letterhead.yaml").write_text(
        "letterhead:\n  government: PEMERINTAH KOTA\n  agency: BKPSDM\n  address: Kota\n  place: Jambi\n  unit: text\n"
        "  citation: {instrument: tata naskah, article: kop surat, source: SEED, confidence: L}\n" + more
    )
    return local


def test_a_unit_takes_from_the_city_what_all_houses_share_and_nothing_of_one_house():
    head = HEADS.of("DISHUB", ["SETDA"])
    assert (head.government, head.place, head.crest) == ("PEMERINTAH KOTA", "Jambi", Path("kota.svg"))
    assert (head.agency, head.address, head.phone, head.signer) == ("", "", "", None)


def test_each_line_comes_from_the_nearest_unit_that_has_it():
    head = HEADS.of("PKM", ["DINKES"])
    assert (head.agency, head.signer) == ("PUSKESMAS", Signer("Kepala Puskesmas"))
    assert (head.address, head.phone) == ("Jalan Sehat 2", "0741 200")
    assert HEADS.of("PKM-BARU", ["PKM", "DINKES"]) == head


def test_an_address_of_its_own_does_not_keep_the_telephone_of_another_house():
    head = HEADS.of("PKM-JAUH", ["DINKES"])
    assert (head.agency, head.address, head.phone) == ("DINAS KESEHATAN", "Jalan Jauh 3", "")


def test_the_ancestry_may_begin_with_the_unit_itself():
    assert HEADS.of("PKM", ["PKM", "DINKES"]) == HEADS.of("PKM", ["DINKES"])


def test_the_shipped_example_names_positions_and_nobody(local):
    policy = load_policy()
    heads = [policy.letterhead, *(policy.letterhead_of(code) for code in policy.letterheads.units)]
    signers = [head.signer for head in heads]
    assert [signer.position for signer in signers if signer][-1] == "Kepala UPTD Puskesmas Danau Serindit"
    assert {(signer.name, signer.rank, signer.nip) for signer in signers if signer} == {("", "", "")}
    assert policy.letterhead_of("PKM-SERINDIT", ["DINKES"]).signer.knowing == Signer("Kepala Dinas Kesehatan")


def test_a_signer_is_read_whole_and_a_crest_is_a_file_of_the_folder(local):
    (local / "lambang.png").write_bytes(b"\x89PNG")
    write(
        local,
        "  crest: lambang.png\n  units:\n    DINKES:\n      agency: DINAS KESEHATAN\n      email: dinkes@kota.example\n"
        "      signer:\n        {position: Kepala Dinas, name: 'dr. Ani, M.Kes.', rank: Pembina (IV/a),"
        " nip: 19800229 200501 2 001, knowing: {position: Wali Kota}}\n",
    )
    head = load_policy(local).letterhead_of("DINKES")
    assert head.crest == local / "lambang.png"
    assert head.email == "dinkes@kota.example"
    assert head.signer == Signer(
        "Kepala Dinas", "dr. Ani, M.Kes.", "Pembina (IV/a)", "198002292005012001", Signer("Wali Kota")
    )


def test_another_signer_changes_no_verdict_and_so_no_policy_version(local):
    before = load_policy(local).version
    write(local, "  signer: {position: Kepala Badan}\n")
    assert load_policy(local).version == before


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("  signer: {name: Ani}\n", r"letterhead.yaml line 8, letterhead.signer: the key `position` is missing"),
        ("  signer: {position: Kepala, nip: 1234}\n", r"letterhead.signer.nip: `1234` is no NIP. Write its 18 digits"),
        (
            "  signer: {position: A, knowing: {position: B, knowing: {position: C}}}\n",
            r"signer.knowing.knowing: the key `knowing` is unknown",
        ),
        ("  units:\n    DINKES: {kop: x}\n", r"line 9, letterhead.units.DINKES.kop: the key `kop` is unknown"),
        ("  crest: lambang.png\n", r"letterhead.crest: there is no file `lambang.png` beside this one"),
        ("  crest: ../lambang.png\n", r"`../lambang.png` is no picture beside this file"),
        ("  crest: hours.yaml\n", r"`hours.yaml` is no picture beside this file"),
    ],
)
def test_a_mistake_is_refused_with_file_line_and_key(local, more, sentence):
    write(local, more)
    with pytest.raises(PolicyError) as refused:
        load_policy(local)
    assert re.search(sentence, str(refused.value))


def test_a_second_letterhead_is_refused(local):
    shutil.copy(local / "letterhead.yaml", local / "other.yaml")
    with pytest.raises(PolicyError, match="the letterhead is given in two files"):
        load_policy(local)
