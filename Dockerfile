# The page's assets come from npm, everything else from PyPI; the running service needs neither.
# Both are pinned by hashes: package-lock.json, requirements.lock and requirements-build.lock.
ARG NODE_IMAGE=node:20-bookworm-slim
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${NODE_IMAGE} AS page
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent
COPY scripts/assets.mjs scripts/assets.mjs
RUN npm run --silent assets

FROM ${PYTHON_IMAGE} AS wheel
WORKDIR /src
COPY requirements-build.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements-build.lock
COPY . .
COPY --from=page /src/maps/vendor maps/vendor
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM ${PYTHON_IMAGE}
# What draws PDF, and letters for Chinese.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.lock /requirements.lock
RUN pip install --no-cache-dir --require-hashes --requirement /requirements.lock \
    && useradd --create-home lifecircle \
    && install --directory --owner lifecircle --mode 0700 /home/lifecircle/kept
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir --no-deps --no-index /wheels/*.whl && rm -r /wheels
USER lifecircle
WORKDIR /home/lifecircle
# One volume keeps compiled networks, compiled kernels and uploads.
VOLUME /home/lifecircle/kept
ENV LIFECIRCLE_CACHE=/home/lifecircle/kept/networks \
    LIFECIRCLE_SPOOL=/home/lifecircle/kept/spool \
    NUMBA_CACHE_DIR=/home/lifecircle/kept/kernels
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
CMD ["lifecircle", "serve", "--host", "0.0.0.0", "--port", "8000"]
