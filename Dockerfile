# The page's assets come from npm, everything else from PyPI; the running service needs neither.
FROM node:20-bookworm-slim AS page
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent
COPY scripts/assets.mjs scripts/assets.mjs
RUN npm run --silent assets

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
COPY . .
COPY --from=page /src/maps/vendor maps/vendor
RUN pip install --no-cache-dir "build>=1.2" && python -m build --wheel --outdir /wheels

FROM python:3.11-slim-bookworm
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl \
    && rm -r /wheels \
    && useradd --create-home lifecircle
USER lifecircle
WORKDIR /home/lifecircle
ENV LIFECIRCLE_CACHE=/home/lifecircle/cache
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["lifecircle", "serve", "--host", "0.0.0.0", "--port", "8000"]
