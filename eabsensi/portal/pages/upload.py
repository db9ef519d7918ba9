"""A spreadsheet of papers, filed at once: each bad row is told with its line, the good ones are filed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, File, UploadFile
from fastapi.responses import HTMLResponse

from eabsensi.access.refusals import RefusedError
from eabsensi.access.roles import Right
from eabsensi.access.trail import Action
from eabsensi.filing.uploading import MOST_ROWS, LargeSheetError, UnreadableSheetError, Uploaded, file_sheet
from eabsensi.portal.clerking import clerk_of
from eabsensi.portal.visit import Posting, Visit, Visiting

router = APIRouter()
FilingVisit: TypeAlias = Annotated[Visit, Depends(Visiting(Right.FILE_DOCUMENT))]
FilingPosting: TypeAlias = Annotated[Visit, Depends(Posting(Right.FILE_DOCUMENT))]
_COLUMNS = ("nip", "unit", "kind", "from", "to", "covers", "number", "issued_on", "note")
_LONGEST_NAME = 80


@router.get("/documents/upload")
def upload_page(visit: FilingVisit) -> HTMLResponse:
    """Ask for a spreadsheet."""
    return _page(visit)


@router.post("/documents/upload")
def upload(visit: FilingPosting, sheet: Annotated[UploadFile | None, File()] = None) -> HTMLResponse:
    """File its rows, and tell of each that was not."""
    name = Path((sheet.filename if sheet else "") or "").name[:_LONGEST_NAME]
    if sheet is None or not name:
        return _page(visit, refusal=visit.wording.say("upload.no_file"), status=400)
    with tempfile.TemporaryDirectory(prefix="eabsensi-upload-") as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(sheet.file.read())
        try:
            with visit.begin() as connection:
                done = file_sheet(connection, clerk_of(visit), path)
                counts = {"filed": len(done.filed), "known": len(done.known), "refused": len(done.refused)}
                visit.note(connection, Action.FILE_DOCUMENT, subject=f"upload {name}", detail=counts)
        except (UnreadableSheetError, LargeSheetError) as refused:
            return _page(visit, refusal=_said(visit, refused), status=400)
    return _page(visit, name=name, done=done)


def _said(visit: Visit, refused: RefusedError) -> str:
    return refused.said(visit.language)


def _page(
    visit: Visit, *, name: str = "", done: Uploaded | None = None, refusal: str = "", status: int = 200
) -> HTMLResponse:
    return visit.page(
        "upload.html", status=status, name=name, done=done, refusal=refusal, columns=_COLUMNS, most_rows=MOST_ROWS
    )
