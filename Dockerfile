# The image of every service of docker-compose.yml: the hashed lock, and the hub in place.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 UV_PYTHON_DOWNLOADS=never RENOVATIEHUB_HOME=/state
WORKDIR /app
COPY requirements/hub.txt requirements/uv.txt requirements/
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && python -m venv --without-pip /venv \
    && uv pip sync --python /venv/bin/python --require-hashes --compile-bytecode --no-cache \
        requirements/hub.txt
COPY . .
RUN uv pip install --python /venv/bin/python --offline --no-deps --no-build-isolation --editable . \
    && useradd --system --home-dir /state renovatiehub \
    && install -d -o renovatiehub -m 0700 /state
USER renovatiehub
ENTRYPOINT ["/venv/bin/python", "-P", "-m", "cli.service"]
