# An application that is there already, as it is: what its own build makes, and Hurricane in the place
# of node.
#
#   docker build -f existing.Dockerfile -t web .
#
# Beside this file: the application with its package-lock.json (and a .dockerignore that names
# node_modules, dist and .git), and `hurricane`, the executable for the system of the image, with its
# run bit.

FROM docker.io/library/node:24-slim AS built
WORKDIR /app
COPY package.json package-lock.json ./
RUN ["npm", "ci"]
COPY . .
# It is copied below, and would be in the image twice.
RUN ["rm", "-f", "hurricane"]
# Where package.json has a script of that name.
RUN ["npm", "run", "build", "--if-present"]
RUN ["npm", "prune", "--omit=dev"]

FROM gcr.io/distroless/base-nossl-debian12:nonroot
WORKDIR /app
COPY hurricane /hurricane
# For Next.js, in place of this: /app/.next/standalone to ./, /app/public to ./public, and
# /app/.next/static to ./.next/static; what is served is then ./server.js.
COPY --from=built /app ./
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --start-period=60s CMD ["/hurricane", "probe", "liveness"]
ENTRYPOINT ["/hurricane"]
# The file that package.json starts with node: "start": "node dist/main.js" has been here.
CMD ["serve", "./dist/main.js"]
