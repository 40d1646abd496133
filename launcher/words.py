"""What the launcher says, in Spanish and English.

They stand here and not in `api/locale` because the library that reads catalogues is not installed yet.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

Language = Literal["es", "en"]

WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "venv": {
        "es": "Preparo el entorno de Enlace con Python {version}",
        "en": "Preparing Enlace's environment with Python {version}",
    },
    "core": {"es": "Instalo las bibliotecas de Enlace", "en": "Installing Enlace's libraries"},
    "embedded": {
        "es": "Instalo el motor de grafos (unos 75 MB; solo esta vez)",
        "en": "Installing the graph engine (about 75 MB; only this time)",
    },
    "test": {"es": "Instalo lo que piden las pruebas", "en": "Installing what the tests need"},
    "mending": {
        "es": "La instalación anterior quedó a medias: la retomo",
        "en": "The last installation was cut short: taking it up again",
    },
    "waiting": {
        "es": "Otro arranque de Enlace está preparando el entorno: espero a que termine",
        "en": "Another start of Enlace is preparing the environment: waiting for it to finish",
    },
    "downloading": {"es": "descargo {name}", "en": "downloading {name}"},
    "looking": {"es": "busco {name}", "en": "looking for {name}"},
    "unpacking": {"es": "coloco {count} paquetes", "en": "putting {count} packages in place"},
    "retrying": {"es": "la red no responde, lo intento otra vez", "en": "the network does not answer, trying again"},
    "still": {"es": "sigo en ello, {elapsed} s", "en": "still at it, {elapsed} s"},
    "done": {"es": "Listo en {elapsed} s.", "en": "Ready after {elapsed} s."},
    "interrupted": {
        "es": "Interrumpido. La próxima vez se sigue desde aquí: repita la misma orden.",
        "en": "Interrupted. Next time it goes on from here: run the same command again.",
    },
    "what-to-do": {"es": "Qué hacer", "en": "What to do"},
    "full-log": {"es": "Todo lo que se dijo: {path}", "en": "Everything that was said: {path}"},
    "venv-missing": {
        "es": "A este Python ({version}) le falta el módulo `{module}`, con el que se prepara el entorno.",
        "en": "This Python ({version}) lacks the module `{module}`, with which the environment is prepared.",
    },
    "venv-missing.do": {
        "es": "en Debian o Ubuntu: sudo apt install python{version}-venv\n"
        "en otros sistemas: instale Python desde su página oficial, que lo trae completo.",
        "en": "on Debian or Ubuntu: sudo apt install python{version}-venv\n"
        "elsewhere: install Python from its official site, which brings it whole.",
    },
    "venv-failed": {
        "es": "No se pudo preparar el entorno de Python.",
        "en": "The Python environment could not be made.",
    },
    "venv-failed.do": {
        "es": "borre la carpeta {path} y repita la orden; si vuelve a pasar, muestre el registro a quien mantiene Enlace.",
        "en": "delete the folder {path} and run the command again; if it happens again, show the log to Enlace's "
        "maintainers.",
    },
    "no-engine": {
        "es": "No hay motor de grafos empaquetado para esta máquina ({machine}).",
        "en": "There is no packaged graph engine for this machine ({machine}).",
    },
    "no-engine.do": {
        "es": "use un servidor Neo4j 5 o posterior y dígale a Enlace dónde está:\n"
        "NEO4J_URI=bolt://127.0.0.1:7687  NEO4J_PASSWORD=…  y repita la orden.\n"
        "El motor empaquetado existe para Linux con glibc 2.34 o posterior, Windows y macOS con procesador ARM.",
        "en": "use a Neo4j server, version 5 or later, and tell Enlace where it is:\n"
        "NEO4J_URI=bolt://127.0.0.1:7687  NEO4J_PASSWORD=…  and run the command again.\n"
        "The packaged engine exists for Linux with glibc 2.34 or later, Windows, and macOS on ARM.",
    },
    "no-wheel": {
        "es": "La biblioteca `{name}` no está empaquetada para este Python ({version}) en esta máquina ({machine}).",
        "en": "The library `{name}` is not packaged for this Python ({version}) on this machine ({machine}).",
    },
    "no-wheel.do": {
        "es": "pruebe con otra versión de Python entre 3.11 y 3.13, por ejemplo: python3.12 enlace up",
        "en": "try another version of Python between 3.11 and 3.13, for example: python3.12 enlace up",
    },
    "no-network": {
        "es": "No se llega al índice de paquetes de Python: la red no responde.",
        "en": "The Python package index cannot be reached: the network does not answer.",
    },
    "no-network.do": {
        "es": "compruebe la conexión (y el proxy, si lo hay: variable HTTPS_PROXY) y repita la orden: se sigue donde quedó.",
        "en": "check the connection (and the proxy, if there is one: variable HTTPS_PROXY) and run the command again: it "
        "goes on where it stopped.",
    },
    "certificate": {
        "es": "La conexión al índice de paquetes no se pudo verificar (certificado).",
        "en": "The connection to the package index could not be verified (certificate).",
    },
    "certificate.do": {
        "es": "si su institución inspecciona el tráfico, ponga en PIP_CERT la ruta de su certificado; revise también la "
        "hora del equipo.",
        "en": "if your institution inspects traffic, put the path of its certificate in PIP_CERT; check the clock of this "
        "machine too.",
    },
    "altered": {
        "es": "Lo descargado no es lo que se esperaba (la suma de verificación difiere). No se instaló.",
        "en": "What was downloaded is not what was expected (its checksum differs). It was not installed.",
    },
    "altered.do": {
        "es": "repita la orden; si vuelve a pasar, algo en la red cambia los archivos: use otra conexión.",
        "en": "run the command again; if it happens again, something on the network changes the files: use another "
        "connection.",
    },
    "disk-full": {
        "es": "El disco está lleno: quedan {free} MB donde está Enlace ({path}).",
        "en": "The disk is full: {free} MB are left where Enlace is ({path}).",
    },
    "disk-full.do": {
        "es": "libere espacio (hacen falta unos 400 MB; con las pruebas, 1000) y repita la orden.",
        "en": "free some space (about 400 MB are needed; with the tests, 1000) and run the command again.",
    },
    "not-writable": {
        "es": "No se puede escribir en {path}.",
        "en": "{path} cannot be written to.",
    },
    "not-writable.do": {
        "es": "copie Enlace a una carpeta suya, o pida permiso de escritura en esta, y repita la orden.",
        "en": "copy Enlace to a folder of yours, or ask for permission to write to this one, and run the command again.",
    },
    "bad-path": {
        "es": "La ruta de esta carpeta contiene «{sign}», que Python no admite en un entorno: {path}",
        "en": "The path of this folder contains “{sign}”, which Python does not allow in an environment: {path}",
    },
    "bad-path.do": {
        "es": "mueva o renombre la carpeta (los espacios y acentos sí valen) y repita la orden.",
        "en": "move or rename the folder (spaces and accents are fine) and run the command again.",
    },
    "no-requirements": {
        "es": "Falta el archivo {path}: esta copia de Enlace no está completa.",
        "en": "The file {path} is missing: this copy of Enlace is not complete.",
    },
    "no-requirements.do": {
        "es": "descargue Enlace otra vez, completo.",
        "en": "download Enlace again, all of it.",
    },
    "install-failed": {
        "es": "La instalación de bibliotecas falló. Lo último que dijo:\n{last}",
        "en": "Installing the libraries failed. The last thing it said:\n{last}",
    },
    "install-failed.do": {
        "es": "repita la orden; si vuelve a pasar, muestre el registro a quien mantiene Enlace.",
        "en": "run the command again; if it happens again, show the log to Enlace's maintainers.",
    },
}


def say(key: str, language: Language, /, **places: Any) -> str:
    """A text in the reader's language."""
    return WORDS[key][language].format_map(places)


def language_of(arguments: Sequence[str], environ: Mapping[str, str]) -> Language:
    """`--lang`, else ENLACE_LANG, else the system's language; Spanish when unclear."""
    asked = None
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            asked = arguments[position + 1]
        elif argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
    wishes = [asked, *(environ.get(name) for name in ("ENLACE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))]
    if os.name == "nt":
        import locale

        wishes.append(locale.getlocale()[0])
    for wish in wishes:
        if wish and wish[:2].lower() in ("es", "en"):
            return "en" if wish[:2].lower() == "en" else "es"
    return "es"
