"""Write ``tests/data/formats/``: one SYNTHETIC survey as each survey tool would export it.

    python tests/data/make_formats.py

The answers are the first 24 of the shipped synthetic twin, answered by nobody.  Every file holds the same
answers; the shapes follow the exports of the tools.  Needs openpyxl, xlwt, odfpy, pyreadstat and pyarrow.
"""

import csv
import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import xlwt

import sopsem

HERE = Path(__file__).parent / "formats"
N = 24
INSTRUMENT = sopsem.load_instrument()
ITEMS = (*INSTRUMENT.item_ids, "chk1")
ABOUT = ("respondent_id", "department", "region")
GAPS = {(4, "mkt3"): "", (7, "col2"): "-99", (11, "int1"): "", (11, "int2"): "-99"}  # (row, item) -> cell
UNFINISHED, PREVIEW = 4, 9
START = dt.datetime(2024, 5, 13, 9, 0, 0)  # noqa: DTZ001 - the clock of the tool


def answers():
    """Return the survey as text: codes, -99 for "don't know", empty where there is no answer."""
    frame = pd.read_csv(sopsem.find_survey(), dtype=str, keep_default_na=False).head(N)
    frame["chk1"] = ["3"] * (N - 2) + ["3", "5"]
    frame.loc[2, "region"] = "NA"  # a region, no missing answer
    for (row, item), cell in GAPS.items():
        frame.loc[row, item] = cell
    return frame[[*ABOUT, *ITEMS]]


def text_of(name):
    question = INSTRUMENT.items.get(name) or INSTRUMENT.background[name.removesuffix("_id")]
    return question.text


def started(row):
    return START + dt.timedelta(hours=7 * row)


def ended(row):
    return started(row) + dt.timedelta(seconds=240 + 20 * row)


def labelled(frame):
    """Return the answers in words."""
    words = frame.copy()
    for item in ITEMS:
        codes = {str(code): label for code, label in INSTRUMENT.scale_of(item).codes.items()}
        words[item] = [
            codes.get(cell, {"-99": "Don't know"}.get(cell, cell)).capitalize() for cell in frame[item]
        ]
    return words


def stem(item):
    return INSTRUMENT.scale_of(item).stem


def write_csv(name, rows, *, encoding="utf-8", delimiter=",", quoting=csv.QUOTE_MINIMAL, end="\r\n", tail=""):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    (HERE / name).write_bytes((text.getvalue() + tail).encode(encoding))


def plain(frame):
    rows = [list(frame.columns), *frame.to_numpy().tolist()]
    write_csv("plain.csv", rows)
    write_csv("plain_semicolon.csv", [["sep=;"], *rows], encoding="utf-8-sig", delimiter=";")
    sheet = [rows[0], *[[int(c) if c.lstrip("-").isdigit() else c or None for c in row] for row in rows[1:]]]
    book = openpyxl.Workbook()
    for row in sheet:
        book.active.append(row)
    book.save(HERE / "plain.xlsx")
    old = xlwt.Workbook()
    page = old.add_sheet("Answers")
    for i, row in enumerate(sheet):
        for j, cell in enumerate(row):
            page.write(i, j, cell)
    old.save(str(HERE / "plain.xls"))
    pd.DataFrame(sheet[1:], columns=sheet[0]).to_excel(HERE / "plain.ods", engine="odf", index=False)
    numbers = frame.copy()
    for item in ITEMS:
        numbers[item] = pd.to_numeric(frame[item].replace("", None)).astype("Int64")
    numbers.to_parquet(HERE / "plain.parquet", index=False)


QUALTRICS = (
    ("StartDate", "Anfangsdatum", "startDate"),
    ("EndDate", "Enddatum", "endDate"),
    ("Status", "Antworttyp", "status"),
    ("IPAddress", "IP-Adresse", "ipAddress"),
    ("Progress", "Fortschritt", "progress"),
    ("Duration (in seconds)", "Dauer (in Sekunden)", "duration"),
    ("Finished", "Beendet", "finished"),
    ("RecordedDate", "Erfassungsdatum", "recordedDate"),
    ("ResponseId", "Antwort-ID", "_recordId"),
    ("DistributionChannel", "Verteilungskanal", "distributionChannel"),
    ("UserLanguage", "Benutzersprache", "userLanguage"),
)


def qualtrics_about(row):
    done = row != UNFINISHED
    preview = row == PREVIEW
    return [
        str(started(row)),
        str(ended(row)),
        "1" if preview else "0",
        "198.51.100.7",
        "100" if done else "60",
        str(240 + 20 * row),
        "1" if done else "0",
        str(ended(row)),
        f"R_synthetic{row:02}",
        "preview" if preview else "anonymous",
        "EN",
    ]


def qualtrics(frame):
    questions = [f"{stem(i)} - {text_of(i)}" for i in ITEMS]
    texts = [*ABOUT, *questions]
    texts[3] = texts[3].replace("?", "?\n", 1)  # row 2 may hold line breaks
    ids = [{"ImportId": name} for name in ABOUT]
    ids += [{"ImportId": f"QID{k}", "choiceId": "1"} for k in range(len(ITEMS))]
    header = [
        [*(q[0] for q in QUALTRICS), *frame.columns],
        [*(q[1] for q in QUALTRICS), *texts],
        [json.dumps({"ImportId": q[2]}) for q in QUALTRICS] + [json.dumps(i) for i in ids],
    ]
    rows = [[*qualtrics_about(k), *row] for k, row in enumerate(frame.to_numpy().tolist())]
    write_csv("qualtrics.csv", [*header, *rows], encoding="utf-8-sig", end="\n")
    write_csv("qualtrics.tsv", [*header, *rows], encoding="utf-16", delimiter="\t", end="\n")
    old = [
        "ResponseID",
        "ResponseSet",
        "Name",
        "ExternalDataReference",
        "EmailAddress",
        "IPAddress",
        "Status",
    ]
    old += ["StartDate", "EndDate", "Finished"]
    about = [
        [a[8], "Default", "Anonymous", "", "", a[3], a[2], a[0], a[1], a[6]]
        for a in (qualtrics_about(k) for k in range(N))
    ]
    legacy = [
        [*(f"V{k}" for k in range(1, 11)), *frame.columns, ""],
        [*old, *texts, ""],
        *([*a, *row, ""] for a, row in zip(about, frame.to_numpy().tolist(), strict=True)),
    ]
    write_csv("qualtrics_legacy.csv", legacy, encoding="utf-8-sig", end="\n")
    qualtrics_spss(frame, questions)


def numbers_of(frame):
    """Return the answers as numbers, with the twin's own code for "don't know"."""
    out = frame.copy()
    for item in ITEMS:
        out[item] = pd.to_numeric(frame[item].replace("", None)).astype(float)
    return out


def qualtrics_spss(frame, questions):
    about = pd.DataFrame([qualtrics_about(k) for k in range(N)], columns=[q[0] for q in QUALTRICS])
    about = about.rename(columns={"Duration (in seconds)": "Duration__in_seconds_"})
    for name in ("StartDate", "EndDate", "RecordedDate"):
        about[name] = pd.to_datetime(about[name])
    for name in ("Status", "Progress", "Duration__in_seconds_", "Finished"):
        about[name] = about[name].astype(float)
    data = pd.concat([about, numbers_of(frame)], axis=1)
    labels = {
        i: {float(c): w for c, w in INSTRUMENT.scale_of(i).codes.items()} | {-99.0: "don't know"}
        for i in ITEMS
    }
    labels["Status"] = {0.0: "IP Address", 1.0: "Survey Preview"}
    labels["Finished"] = {0.0: "False", 1.0: "True"}
    file = HERE / "qualtrics.sav"
    pyreadstat.write_sav(
        data,
        file,
        column_labels=dict(zip(ITEMS, questions, strict=True)),
        variable_value_labels=labels,
        missing_ranges={item: [{"lo": -100, "hi": -90}] for item in ITEMS},
        variable_format=dict.fromkeys(("StartDate", "EndDate", "RecordedDate"), "DATETIME20"),
    )
    with zipfile.ZipFile(HERE / "qualtrics_spss.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Survey on alignment.sav", file.read_bytes())


def stata(frame):
    data = numbers_of(frame).astype(dict.fromkeys(ITEMS, object))
    for item in ITEMS:
        data[item] = [None if pd.isna(v) else "a" if v == -99 else float(v) for v in data[item]]
    pyreadstat.write_dta(
        data,
        HERE / "plain.dta",
        column_labels={item: text_of(item)[:80] for item in ITEMS},
        variable_value_labels={i: dict(INSTRUMENT.scale_of(i).codes) for i in ITEMS},
        missing_user_values={item: ["a"] for item in ITEMS if (data[item] == "a").any()},
    )


LIME = ("id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "ipaddr")
LIME_TEXTS = ("Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "Zufallsstartwert")
LIME_TEXTS += ("Datum gestartet", "Datum letzte Aktivität", "IP-Adresse")


def lime_about(row):
    done = str(ended(row)) if row != UNFINISHED else ""
    return [
        str(row + 1),
        done,
        "3",
        "en",
        f"{10**9 + row}",
        str(started(row)),
        str(ended(row)),
        "198.51.100.7",
    ]


def limesurvey(frame):
    data = frame.to_numpy().tolist()
    rows = [[*lime_about(k), *row, str(240 + 20 * k)] for k, row in enumerate(data)]
    options = {"encoding": "utf-8-sig", "delimiter": ";", "quoting": csv.QUOTE_ALL, "tail": "\r\n"}
    codes = [*LIME, *ABOUT, *(f"G1Q1[{i}]" for i in ITEMS), "interviewtime"]
    write_csv("limesurvey_codes.csv", [codes, *rows], **options)
    write_csv(
        "limesurvey_expression_codes.csv",
        [[*LIME, *ABOUT, *(f"G1Q1_{i}" for i in ITEMS), "interviewtime"], *rows],
        **options,
    )
    texts = [*LIME_TEXTS, *ABOUT, *(f"{stem(i)} [{text_of(i)}]" for i in ITEMS), "Gesamtzeit"]
    both = [f"{code}. {text}" for code, text in zip(codes, texts, strict=True)]
    write_csv("limesurvey_code_text.csv", [both, *rows], **options)
    shown = [
        [cell or "{question_not_shown}" if k > 10 else cell for k, cell in enumerate(row)] for row in rows
    ]
    names = [*LIME, *ABOUT, *(f"G1Q1_{i}" for i in ITEMS), "interviewtime"]
    vv = "\n".join("\t".join(row) for row in [texts, names, *shown]) + "\n"
    (HERE / "vvexport_123456.txt").write_bytes(vv.encode("utf-8"))


MONKEY = (
    "Respondent ID",
    "Collector ID",
    "Start Date",
    "End Date",
    "IP Address",
    "Email Address",
    "First Name",
)


def surveymonkey(frame):
    words = labelled(frame)
    stems = [f"<strong>{stem(i)}</strong>" for i in ITEMS]
    first = [s if s not in stems[:k] else "" for k, s in enumerate(stems)]
    about = [text_of(name) for name in ABOUT]
    header = [
        [*MONKEY, *about, *first],
        [*[""] * len(MONKEY), *["Open-Ended Response"] * 3, *map(text_of, ITEMS)],
    ]
    # a stem must stand once: order the columns by it
    order = sorted(range(len(ITEMS)), key=lambda k: stems.index(stems[k]))
    header = [h[:10] + [h[10 + k] for k in order] for h in header]
    rows = []
    for k, row in enumerate(words.to_numpy().tolist()):
        times = [t.strftime("%m/%d/%Y %I:%M:%S %p") for t in (started(k), ended(k))]
        about = [f"{113900000000 + k}", "400000001", *times, "198.51.100.7", "", ""]
        rows.append([*about, *row[:3], *[row[3 + j] for j in order]])
    write_csv("surveymonkey.csv", [*header, *rows], end="\n")
    book = openpyxl.Workbook()
    book.active.title = "Sheet"
    for row in [*header, *rows]:
        book.active.append([cell or None for cell in row])
    book.save(HERE / "surveymonkey.xlsx")


def google(frame):
    words = labelled(frame)
    header = ["Zeitstempel", *map(text_of, ABOUT), *(f"{stem(i)} [{text_of(i)}]" for i in ITEMS)]
    rows = []
    for k, row in enumerate(words.to_numpy().tolist()):
        moment = ended(k)
        time = f"{moment:%Y/%m/%d} {moment.hour % 12 or 12}:{moment:%M:%S} {moment:%p} GMT+2"
        rows.append([time, *row])
    write_csv("google_forms.csv", [header, *rows], quoting=csv.QUOTE_ALL, end="\n")


def microsoft(frame):
    words = labelled(frame)
    header = ["ID", "Startzeit", "Fertigstellungszeit", "E-Mail", "Name", *map(text_of, ABOUT)]
    header += [text_of(i).replace(" ", "\u00a0", 1) for i in ITEMS]
    header.append("Which channels do you use?")
    book = openpyxl.Workbook()
    book.active.append(header)
    for k, row in enumerate(words.to_numpy().tolist()):
        about = [k + 1, started(k), ended(k), "anonymous", None]
        book.active.append([*about, *(cell or None for cell in row), "Mail;Meetings;"])
    book.save(HERE / "microsoft_forms.xlsx")


def main():
    """Write every sample."""
    HERE.mkdir(exist_ok=True)
    frame = answers()
    for write in (plain, qualtrics, stata, limesurvey, surveymonkey, google, microsoft):
        write(frame)


if __name__ == "__main__":
    main()
