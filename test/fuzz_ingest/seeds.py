#!/usr/bin/python3
"""What the fuzzers of the readers start from.

    seeds.py DIRECTORY [CORPUS]

Writes DIRECTORY/csv, xlsx and xls.  Text files are taken as they are; of an
archive both itself and its parts as a text that archive.c makes an archive of;
of an old workbook both itself and the stream in it, without the compound file
around it.  Besides the corpus (../shared/corpus) the examples and what the
fuzzers found before are taken.
"""
import hashlib
import io
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parent.parent
LIMIT = 64 * 1024
WANTED = (".rels", ".xml")
BOUNDSHEET, EOF_RECORD = 0x85, 0x0A


def parts_of(data):
    """The parts that the reader looks at, as one text; None where it is no archive."""
    texts = []
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        for info in archive.infolist():
            name = info.filename
            if not name.endswith(WANTED) or "theme" in name or "drawing" in name.lower() or "docProps" in name:
                continue
            if info.file_size > LIMIT:
                continue
            texts.append(b"@@" + name.encode() + b"\n" + archive.read(info))
    except Exception:
        return None
    return b"\n".join(texts) if texts else None


def stream_of(data):
    """The workbook's stream, None where there is none or it can not be reached."""
    try:
        from xlrd import compdoc
        document = compdoc.CompDoc(data, logfile=io.StringIO())
        for name in ("Workbook", "Book"):
            stream = document.get_named_stream(name)
            if stream:
                return bytes(stream)
    except Exception:
        pass
    return None


def records(stream):
    at = 0
    while at + 4 <= len(stream):
        kind = int.from_bytes(stream[at:at + 2], "little")
        length = int.from_bytes(stream[at + 2:at + 4], "little")
        yield at, kind, stream[at:at + 4 + length]
        at += 4 + length


# what the reader takes no notice of only makes the files longer
READ = {0x06, 0x0A, 0x22, 0x2F, 0x3C, 0x42, 0x85, 0xBD, 0xD6, 0xE0, 0xFC, 0xFD, 0x203, 0x204, 0x205, 0x207, 0x221, 0x236, 0x27E,
        0x41E, 0x4BC, 0x809}


def reduced(stream):
    """The stream with the records that are read, and the places of its sheets put right."""
    result, moved, sheets = bytearray(), {}, []
    last = None
    for at, kind, record in records(stream):
        if kind not in READ or (kind == 0x3C and last not in READ):
            if kind != 0x3C:
                last = kind
            continue
        if kind != 0x3C:
            last = kind
        moved[at] = len(result)
        if kind == BOUNDSHEET:
            sheets.append(len(result) + 4)
        result += record
    for place in sheets:
        offset = int.from_bytes(result[place:place + 4], "little")
        result[place:place + 4] = moved.get(offset, offset).to_bytes(4, "little")
    return bytes(result)


def write(folder, data):
    if 0 < len(data) <= LIMIT:
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def main():
    out = pathlib.Path(sys.argv[1])
    corpus = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else REPO.parent / "shared" / "corpus"
    folders = {name: out / name for name in ("csv", "xlsx", "xls")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((HERE / "found").glob("*")):
        for name, folder in folders.items():
            if path.name.startswith(name + "_"):
                write(folder, path.read_bytes())
    files = [p for p in corpus.rglob("*") if p.is_file()] if corpus.is_dir() else []
    for path in files + sorted((REPO / "examples" / "uploads").iterdir()):
        if path.suffix.lower() in (".txt", ".md", ".json") or path.stat().st_size > 1024 * 1024:
            continue
        data = path.read_bytes()
        if data[:2] == b"PK":
            write(folders["xlsx"], data)
            write(folders["xlsx"], parts_of(data) or b"")
        elif data[:4] == b"\xd0\xcf\x11\xe0":
            stream = stream_of(data)
            write(folders["xls"], data)
            if stream:
                write(folders["xls"], stream)
                write(folders["xls"], reduced(stream))
        else:
            write(folders["csv"], data)
    for name, folder in folders.items():
        print(name, len(list(folder.iterdir())), "seeds")


main()
