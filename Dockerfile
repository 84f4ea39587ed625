# The image of a release: Hurricane, and Debian's C library. scripts/release lays out dist/image.
# Of use as a base, with a handler in /app, and to copy /hurricane from: see docs/examples/image.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
ARG TARGETARCH
COPY dist/image/$TARGETARCH/hurricane /hurricane
WORKDIR /app
USER 65532:65532
EXPOSE 8000 8001
ENTRYPOINT ["/hurricane"]
