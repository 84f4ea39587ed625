# A built app: one executable with the handler and its packages in it.
#
#   docker build -f app.Dockerfile -t web .
#
# Beside this file: the handler, its package.json, and `hurricane`, the executable for the system of
# the image (dist/hurricane of scripts/build, or hurricane-linux-x64 of a release), with its run bit.

FROM docker.io/oven/bun:1 AS packages
WORKDIR /app
COPY package.json ./
RUN ["bun", "install", "--production"]

# Hurricane needs nothing else to build, and no shell is needed to call it.
FROM gcr.io/distroless/base-nossl-debian12 AS build
WORKDIR /app
COPY hurricane /hurricane
COPY --from=packages /app/node_modules ./node_modules
COPY package.json handler.ts ./
# What follows the two dashes becomes the app's defaults.
RUN ["/hurricane", "build", "handler.ts", "-o", "/web", "--", "--command", "/migrate.ts"]

FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build /web /web
# A command is no part of the handler; the app runs scripts itself.
COPY migrate.ts /migrate.ts
USER 65532:65532
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --start-period=60s CMD ["/web", "probe", "liveness"]
ENTRYPOINT ["/web"]
