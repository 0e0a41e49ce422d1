"""Files and hosts: what is read and written, where it is, and whether that is surely inside the scratch folder."""

import pytest
from bodies import analyse, kinds, table

FILES = """
=== open to read: FS_READ:private:data/a.txt
def f(x): return open("data/a.txt").read()
=== open to write: FS_WRITE:private:a.txt
def f(x):
    with open("a.txt", "w") as out: out.write(x)
=== open to append: FS_WRITE:private:a.txt
def f(x): open("a.txt", mode="a").write(x)
=== open to read and write: FS_READ:private:a.txt FS_WRITE:private:a.txt
def f(x): open("a.txt", "r+")
=== open with an unknown mode: FS_READ:private:a.txt FS_WRITE:private:a.txt
def f(x): open("a.txt", x)
=== absolute: FS_WRITE:shared:/tmp/a
def f(x): open("/tmp/a", "w")
=== upwards: FS_WRITE:shared:../a
def f(x): open("../a", "w")
=== home: ENV FS_READ:shared:-
from pathlib import Path
def f(x): return (Path.home() / "a").read_text()
=== tilde: ENV FS_READ:shared:-
import os
def f(x): return open(os.path.expanduser("~/a"))
=== unknown path: FS_WRITE:shared:-
def f(x): open(x.path, "w")
=== a field in a path: FS_WRITE:shared:-
def f(x): open(f"out/{x.id}.txt", "w")
=== a parameter of an effect: FS_WRITE:private:-
def f(page): open(page, "w")
=== a parameter as a path object: FS_READ:private:- FS_WRITE:private:-
from pathlib import Path
def f(text, page): Path(page).write_text(Path(text).read_text())
=== beside a parameter: FS_WRITE:private:-
from pathlib import Path
def f(page): (Path(page).parent / "x.txt").write_text("a")
=== above a parameter: FS_WRITE:shared:-
from pathlib import Path
def f(page): (Path(page).parent.parent / "x.txt").write_text("a")
=== up from a parameter: FS_WRITE:shared:-
from pathlib import Path
def f(page): (Path(page) / "../../x.txt").write_text("a")
=== a suffix of a parameter: FS_WRITE:private:-
def f(page): open(page + ".part", "w")
=== an f-string on a parameter: FS_WRITE:private:-
def f(page): open(f"{page}.part", "w")
=== a field after a parameter: FS_WRITE:shared:-
def f(page, x): open(page + x, "w")
=== a parameter handed to a helper: FS_WRITE:private:-
def put(path, text):
    with open(path, "w", encoding="utf-8") as out: out.write(text)
def f(page, x): put(page, x)
=== a parameter through a decorator: FS_WRITE:private:-
from functools import wraps
def logged(fn):
    @wraps(fn)
    def inner(*args, **kwargs): return fn(*args, **kwargs)
    return inner
@logged
def f(page, x): open(page, "w").write(x)
=== os.path on a parameter: FS_WRITE:private:-
import os
def f(page): open(os.path.join(os.path.dirname(page), "x"), "w")
=== after chdir nothing relative is private: CWD FS_WRITE:shared:a.txt
import os
def f(x):
    os.chdir(x)
    open("a.txt", "w")
=== a temporary folder: FS_WRITE:private:-
import tempfile, os
def f(x):
    with tempfile.TemporaryDirectory() as d:
        with open(os.path.join(d, "a"), "w") as out: out.write(x)
=== a temporary folder elsewhere: FS_WRITE:shared:-
import tempfile
def f(x): tempfile.mkdtemp(dir="/data")
=== a temporary name that leads out: FS_WRITE:shared:-
import tempfile
def f(x): tempfile.mkdtemp(prefix=x)
=== StringIO is no file:
import io, json
def f(x):
    out = io.StringIO()
    json.dump({"a": x}, out)
    return out.getvalue()
=== json into a file: FS_WRITE:private:-
import json
def f(page, x):
    with open(page, "w") as out: json.dump({"a": x}, out)
=== csv of a parameter: FS_READ:private:-
import csv
def f(cfg):
    with open(cfg, newline="") as source: return [row["a"] for row in csv.DictReader(source)]
=== gzip: FS_READ:shared:/data/a.gz
import gzip
def f(x):
    with gzip.open("/data/a.gz", "rt") as source: return source.read().split()
=== lines of a file: FS_READ:private:-
def f(text): return [line.strip() for line in open(text)]
=== listing: FS_READ:shared:/data
import os
def f(x): return os.listdir("/data")
=== glob of an unknown pattern: FS_READ:shared:-
from glob import glob
def f(x): return glob(x)
=== copy: FS_READ:shared:/a FS_WRITE:private:-
import shutil
def f(page): shutil.copy("/a", page)
=== a link may lead anywhere: FS_WRITE:shared:-
import os
def f(page): os.symlink("/etc", page)
=== unpacking may lead anywhere: FS_READ:private:- FS_WRITE:shared:-
import tarfile
def f(text):
    with tarfile.open(text) as archive: archive.extractall("out")
=== exists: FS_READ:shared:/a
import os
def f(x): return os.path.exists("/a")
=== remove: FS_WRITE:shared:/a
from pathlib import Path
def f(x): Path("/a").unlink()
=== sqlite: FS_READ:shared:/a.db FS_WRITE:shared:/a.db
import sqlite3
def f(x):
    with sqlite3.connect("/a.db") as db: return [row[0] for row in db.execute("select 1")]
=== a file of the module: STATE IMPORT_SIDE
LOG = open("/tmp/log", "a")
def f(x): LOG.write(x)
=== print into a file of the module: STATE IMPORT_SIDE
LOG = open("/tmp/log", "a")
def f(x): print(x, file=LOG)
=== urlopen: NET:https://a.org/x
from urllib.request import urlopen
def f(x): return urlopen("https://a.org/x").read()
=== urlopen of something: NET
from urllib.request import urlopen
def f(x): return urlopen(x.url).read()
=== requests: NET:https://a.org
import requests
def f(x): return requests.get("https://a.org").json()["a"]
=== socket: NET
import socket
def f(x): socket.socket()
=== http.client: NET NET:a.org
import http.client
def f(x): http.client.HTTPSConnection("a.org").request("GET", "/")
=== environment: ENV:HOME
import os
def f(x): return os.environ.get("HOME")
"""


def told(inference):
    found = set()
    for effect in inference.effects:
        text = effect.kind.value
        if text.startswith("FS"):
            text += f":{'private' if effect.private else 'shared'}:{effect.detail or '-'}"
        elif effect.detail:
            text += f":{effect.detail}"
        found.add(text)
    return found - {"MUTATES_ARG"}


@pytest.mark.parametrize(("source", "expected"), [pytest.param(*rest, id=name) for name, *rest in table(FILES)])
def test_places(tmp_path, source, expected):
    assert told(analyse(tmp_path, source, labels=["page", "text", "cfg"])) == set(expected.split())


def test_a_label_is_no_ordinary_argument(tmp_path):
    source = "def f(page): return page.upper()"
    assert kinds(analyse(tmp_path, source, labels=["page"])) == set()
