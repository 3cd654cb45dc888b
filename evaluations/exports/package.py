"""All files of an export in one archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from communities.exports.archives import packed
from communities.exports.formats import File, csv_for_code, csv_for_excel
from evaluations.exports.codebook import codebook_of, styles
from evaluations.exports.datasets import Dataset
from evaluations.exports.ddi import ddi_of
from evaluations.exports.ddi_rules import faults_of
from evaluations.exports.readme import readme_of
from evaluations.exports.sav import sav_of
from evaluations.exports.study import Study
from evaluations.exports.workbook import workbook_of
from evaluations.results import Figure

Tell = Callable[[int, str], None]


class CodebookFaulty(Exception):
    """The DDI codebook is not what the standard says. Nothing is handed out that an archive would send back."""


@dataclass(frozen=True)
class Data:
    """What an export is about, and its tables. `shares` are the released figures by question and answer."""

    study: Study
    datasets: tuple[Dataset, ...]
    shares: Mapping[tuple[str, str], Figure] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Two archives of the same data have the same one."""
        tables = [(dataset.name, [list(row) for row in dataset.rows]) for dataset in self.datasets]
        return sha256(repr((tables, self.study.everything, self.study.rules)).encode()).hexdigest()


@dataclass(frozen=True)
class Contents:
    """What an archive is made of. `unfit` says what of the questionnaire REDCap's dictionary cannot hold."""

    data: Data
    instrument: bytes
    dictionary: bytes
    unfit: tuple[str, ...] = ()


def archive_of(contents: Contents, *, tell: Tell) -> File:
    """The zip. `tell(percent, words)` hears how far it has come."""
    files = files_of(contents, tell=tell)
    tell(95, "Packing the files")
    study = contents.data.study
    readme = readme_of(study, contents.data.datasets, files, contents.unfit)
    return File(f"{study.name}.zip", packed([("README.txt", readme), *files], at=study.at), "application/zip")


def files_of(contents: Contents, *, tell: Tell) -> list[tuple[str, bytes]]:
    """Every file but the README, in order."""
    study, datasets, shares = contents.data.study, contents.data.datasets, contents.data.shares
    tell(20, "Writing the tables")
    files = _tables(datasets, study)
    tell(40, "Writing the workbook")
    files.append(("workbook.xlsx", workbook_of(study, datasets)))
    tell(60, "Writing the files for SPSS")
    files += [(f"spss/{dataset.name}.sav", sav_of(dataset, at=study.at)) for dataset in datasets]
    tell(80, "Writing the codebook")
    ddi = ddi_of(study, datasets, shares)
    if faults := faults_of(ddi):
        raise CodebookFaulty(" ".join(faults[:5]))
    return [
        *files,
        ("codebook.html", codebook_of(study, datasets, shares)),
        ("codebook.css", styles()),
        ("ddi-codebook.xml", ddi),
        ("instrument.json", contents.instrument),
        ("redcap-data-dictionary.csv", contents.dictionary),
    ]


def _tables(datasets: Sequence[Dataset], study: Study) -> list[tuple[str, bytes]]:
    return [
        (f"{folder}/{dataset.name}.csv", write(dataset.columns, dataset.rows, dataset.name, study.at))
        for folder, write in (("excel", csv_for_excel), ("code", csv_for_code))
        for dataset in datasets
    ]
