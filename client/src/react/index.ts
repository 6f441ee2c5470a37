/** The client for React: TanStack Query's options of every procedure, live curves and feeds, uploads with their controls. */
export { NexusProvider, type NexusProviderProps, useNexus, useNexusClient } from './nexus-provider.ts';
export { type ContextFeed, type ContextFeedInput, useContextFeed } from './use-context-feed.ts';
export { type RunMetrics, type RunMetricsInput, useRunMetrics } from './use-run-metrics.ts';
export { type Upload, type UploadState, type UploadTransfer, useUpload } from './use-upload.ts';
