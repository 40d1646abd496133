# Enlace for a Neo4j server of its own: core requirements only, no embedded engine.
#
# The image is pinned by its tag. Its digest could not be looked up where this file was written;
# where you deploy, pin it too: python:3.13.18-slim-trixie@sha256:…
FROM python:3.13.18-slim-trixie

ENV PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    PYTHONPATH=/enlace \
    ENLACE_DATA=/data

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin enlace \
    && install --directory --owner enlace --mode 0700 /data /keys

WORKDIR /enlace
COPY requirements/core.txt requirements/core.txt
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary=:all: \
    --requirement requirements/core.txt

COPY LICENSE README.md ./
COPY graph graph
COPY matching matching
COPY consent consent
COPY api api
RUN python -m compileall -q api graph matching consent

USER enlace
VOLUME ["/data", "/keys"]
EXPOSE 8420

# Listens on loopback unless the operator says otherwise (docs/decisions/0021): docker-compose.yml does.
ENTRYPOINT ["python", "-P", "-m", "api.cli"]
CMD ["up", "--no-demo"]
