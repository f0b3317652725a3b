# onebook in a container: docker build -t onebook . ; see docs/running.md.
FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml requirements.lock README.md LICENSE NOTICE ./
COPY src src
# What runs is what the lock says, with everything that is an extra.
RUN python -m venv /onebook \
    && /onebook/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && /onebook/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN groupadd --gid 10001 onebook \
    && useradd --uid 10001 --gid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin onebook
COPY --from=build /onebook /onebook
ENV PATH=/onebook/bin:$PATH ONEBOOK_HOST=0.0.0.0 ONEBOOK_PORT=8111 ONEBOOK_DATA=/data ONEBOOK_LOG_JSON=1
USER onebook
VOLUME /data
EXPOSE 8111
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8111/readyz', timeout=4)"]
ENTRYPOINT ["onebook"]
CMD ["serve"]
