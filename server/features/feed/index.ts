export { followFeed, topicOf } from './follow-feed.ts';
export { dropFromFeed, type FeedEntry, type Told, writeFeed } from './store.ts';
