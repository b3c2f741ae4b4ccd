# The desk's one image: web, live, worker, beat and listen differ by command only (docker-compose.yml).
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /venv && /venv/bin/pip install --require-hashes --only-binary :all: -r requirements/base.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin desk \
    && install --directory --owner desk --mode 0700 /files
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=servicedesk.settings STATIC_COLLECTED=True
COPY --from=build /venv /venv
COPY . .
# Collecting reads settings, not servers; these values go no further than this line.
RUN SECRET_KEY=build-only-0123456789-0123456789-0123456789-0123456789 \
    FIELD_ENCRYPTION_KEYS=YnVpbGQtb25seS1idWlsZC1vbmx5LWJ1aWxkLW9ubHk= \
    DATABASE_URL=postgresql://nobody@127.0.0.1:1/nowhere REDIS_URL=redis://127.0.0.1:1/0 \
    python manage.py collectstatic --no-input && python -m compileall -q .
USER desk
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-m", "servicedesk.alive"]
CMD ["granian", "--interface", "wsgi", "servicedesk.wsgi:application", "--host", "0.0.0.0", "--port", "8000", \
    "--workers", "2", "--blocking-threads", "4", "--no-ws"]
