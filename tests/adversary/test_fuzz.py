"""Noise into every decoder: a result or a typed error, never a crash."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eabsensi.devices import frames
from eabsensi.devices.attlog import Layout, decode
from eabsensi.devices.errors import DeviceError, LayoutUnknownError, ProtocolError
from eabsensi.devices.events import parse_events
from eabsensi.devices.frames import Frame, StreamDecoder
from eabsensi.devices.layouts import detect
from eabsensi.devices.registry import read_registry
from eabsensi.devices.sizes import Sizes
from eabsensi.devices.users import parse_users
from eabsensi.importing.dump import parse_dump

NOISE = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DUMP_LINE = rb"\s*\d{1,5}\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t[\d\t]*\r?\n"
YAML_LETTERS = "devices: -\n[]{}'\"&*!|>#%@`serial4370,"
a_frame = st.builds(Frame, *[st.integers(0, 0xFFFF)] * 3, st.binary(max_size=60))


@given(st.binary(max_size=300), st.integers(1, 40))
@NOISE
def test_noise_on_a_stream(noise: bytes, step: int) -> None:
    decoder = StreamDecoder()
    with contextlib.suppress(DeviceError):
        for at in range(0, len(noise), step):
            decoder.feed(noise[at : at + step])


@given(st.lists(a_frame, max_size=8), st.lists(st.integers(1, 50), min_size=1, max_size=20), st.binary(max_size=20))
@NOISE
def test_frames_come_out_as_they_went_in_whatever_the_segments(
    made: list[Frame], cuts: list[int], noise: bytes
) -> None:
    stream = b"".join(frames.encode_tcp(frame) for frame in made) + noise
    decoder, got, at = StreamDecoder(), [], 0
    try:
        for cut in cuts * (len(stream) + 1):
            got += decoder.feed(stream[at : at + cut])
            at += cut
            if at >= len(stream):
                break
    except DeviceError:
        assert noise
    else:
        assert got[: len(made)] == made


@given(st.binary(max_size=80))
@NOISE
def test_noise_as_a_datagram(noise: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        frames.decode(noise)


@given(st.sampled_from(list(Layout)), st.binary(max_size=400), st.none() | st.integers(0, 2**32 - 1))
@NOISE
def test_noise_as_a_log(layout: Layout, noise: bytes, carry: int | None) -> None:
    try:
        decoded = decode(layout, noise, encoding="gbk", carry=carry)
    except ValueError:
        return
    raws = [record.raw for record in (*decoded.punches, *decoded.unreadable)]
    assert sum(map(len, raws)) == len(noise)
    assert all(punch.pin and "\x00" not in punch.pin for punch in decoded.punches)


@given(st.binary(min_size=1, max_size=800), st.none() | st.integers(0, 100))
@NOISE
def test_noise_for_the_layout(noise: bytes, records: int | None) -> None:
    with contextlib.suppress(LayoutUnknownError):
        detect(noise, records=records, not_after=datetime(2030, 1, 1))


@given(st.binary(max_size=700), st.none() | st.integers(-5, 2**31))
@NOISE
def test_noise_as_users(noise: bytes, count: int | None) -> None:
    with contextlib.suppress(ValueError):
        parse_users(noise, count=count, encoding="utf-8")


@given(st.binary(max_size=120))
@NOISE
def test_noise_as_sizes(noise: bytes) -> None:
    sizes = Sizes.parse(noise)
    assert sizes.records is None or sizes.records >= 0


@given(st.lists(st.binary(max_size=60), max_size=5), st.integers(0, 0xFFFF))
@NOISE
def test_noise_as_events(payloads: list[bytes], code: int) -> None:
    for punch in parse_events([Frame(500, code, 0, payload) for payload in payloads], encoding="utf-8"):
        assert punch.pin


@given(
    st.binary(max_size=300)
    | st.from_regex(rb"\s*\d{1,5}\t\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t[\d\t]*\r?\n", fullmatch=True)
)
@NOISE
def test_noise_as_a_dump(noise: bytes) -> None:
    dump = parse_dump(noise, "attlog.dat")
    assert all(punch.pin for punch in dump.punches)


@given(
    st.binary(max_size=200) | st.text(alphabet="devices: -\n[]{}'\"&*!|>#%@`serial4370,", max_size=120).map(str.encode)
)
@NOISE
def test_noise_as_a_registry(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "devices.yaml"
    path.write_bytes(noise)
    read_registry(path)
