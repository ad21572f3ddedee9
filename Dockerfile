# Besyv in a container. The database and the keys lie in two volumes, so that one copy never holds both.
# For a build that can be repeated, name the image by its digest:
# docker build --build-arg PYTHON_IMAGE=python:3.12-slim@sha256:… (docker buildx imagetools inspect python:3.12-slim)
ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE}

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

WORKDIR /src
COPY pyproject.toml constraints.txt README.md ./
COPY bot bot
COPY reports reports
COPY storage storage
RUN python -m pip install --no-cache-dir . --constraint constraints.txt \
    && rm -rf /src/* \
    && useradd --create-home --uid 10001 besyv \
    && install --directory --owner=besyv --group=besyv --mode=700 /data /keys

USER besyv
# Exports land here, and not beside the database.
WORKDIR /home/besyv
ENV BESYV_DATABASE=/data/besyv.db \
    BESYV_KEY_FILE=/keys/besyv.key \
    BESYV_WEB_HOST=0.0.0.0
VOLUME ["/data", "/keys"]
EXPOSE 8080
HEALTHCHECK --start-period=20s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health', timeout=5)"]

# What is under way gets five seconds; the rest waits in the inbox for the next start.
STOPSIGNAL SIGTERM
ENTRYPOINT ["besyv"]
CMD ["run"]
