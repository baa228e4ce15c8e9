# The packages that the server runs on, without the tools of development.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

# The dashboard, which needs the tools to be built.
FROM node:24-slim AS dashboard
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY src src
RUN node src/adapters/dashboard/build.mjs

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATABASE_URL=sqlite:/data/keys.db XDG_CONFIG_HOME=/config
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY src src
COPY --from=dashboard /app/src/adapters/dashboard/built src/adapters/dashboard/built
# The master key is apart from the database, so that one backup does not take both.
RUN mkdir /data /config && chown node:node /data /config \
  && ln -s /app/src/bootstrap/azure-key-pool.mjs /usr/local/bin/azure-key-pool
USER node
VOLUME /data /config
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "src/bootstrap/check-health.ts"]
# Not through npm, so that the server itself gets the signals.
CMD ["node", "--report-exclude-env", "--disable-sigusr1", "--max-semi-space-size=4", "--no-allocation-site-pretenuring", "--memory-saver-mode", "--initial-old-space-size=48", "--expose-gc", "--import", "./src/bootstrap/compile-cache.mjs", "src/bootstrap/main.ts"]
