# A built app and the five files that it needs of Debian, on x64: `ldd web` lists them. Nothing else.
#
#   docker build -f scratch.Dockerfile -t web .
#
# On arm64 they are in /lib/aarch64-linux-gnu, and the loader is /lib/ld-linux-aarch64.so.1.
# Certificates are part of the executable.

FROM docker.io/oven/bun:1 AS packages
WORKDIR /app
COPY package.json ./
RUN ["bun", "install", "--production"]

FROM docker.io/library/debian:12-slim AS build
WORKDIR /app
COPY hurricane /hurricane
COPY --from=packages /app/node_modules ./node_modules
# The modules that lie here; a folder that they need is one line more: COPY lib ./lib
COPY package.json *.ts ./
RUN ["/hurricane", "build", "handler.ts", "-o", "/web"]

FROM scratch
COPY --from=build \
  /lib/x86_64-linux-gnu/libc.so.6 \
  /lib/x86_64-linux-gnu/libdl.so.2 \
  /lib/x86_64-linux-gnu/libm.so.6 \
  /lib/x86_64-linux-gnu/libpthread.so.0 \
  /lib/x86_64-linux-gnu/
COPY --from=build /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 /lib64/
COPY --from=build /web /web
USER 65532:65532
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --start-period=60s CMD ["/web", "probe", "liveness"]
ENTRYPOINT ["/web"]
