# The server, which runs TypeScript as it is: there is nothing to build, only packages to install.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
COPY client/package.json client/
RUN npm ci --omit=dev

FROM node:24-slim
ENV NODE_ENV=production NEXUS_HOST=0.0.0.0 NEXUS_DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY client client
COPY drizzle drizzle
COPY server server
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--no-warnings", "server/main.ts", "serve"]
