# A handler that is run from source, as `hurricane serve` does.
#
#   docker build -f source.Dockerfile -t web .
#
# Beside this file: the handler, its package.json, and `hurricane`, the executable for the system of
# the image (dist/hurricane of scripts/build, or hurricane-linux-x64 of a release), with its run bit.

# The packages. How node_modules comes about does not matter: npm and deno do as well.
FROM docker.io/oven/bun:1 AS packages
WORKDIR /app
COPY package.json ./
RUN ["bun", "install", "--production"]

# Debian's C library, time zones and certificates: no shell, no package manager.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
WORKDIR /app
COPY hurricane /hurricane
COPY --from=packages /app/node_modules ./node_modules
# The modules that lie here; a folder that they need is one line more: COPY lib ./lib
COPY package.json *.ts ./
# A number, for Kubernetes cannot tell of a name that it is not root's (runAsNonRoot).
USER 65532:65532
EXPOSE 8000 8001
# Docker and Compose ask it; Kubernetes has probes of its own and ignores it.
HEALTHCHECK --interval=10s --start-period=60s CMD ["/hurricane", "probe", "liveness"]
# As `hurricane manifest` expects it: the container's arguments take the place of CMD.
ENTRYPOINT ["/hurricane"]
CMD ["serve", "./handler.ts", "--command", "./migrate.ts"]
