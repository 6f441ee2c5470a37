import { useQuery } from '@tanstack/react-query';
import { useNexus, useUpload } from '@topology-nexus/client/react';

/** An upload with its controls, and the files that are there. */
export function Files() {
  const nexus = useNexus();
  const files = useQuery(nexus.objects.list.queryOptions({ limit: 8 }));
  const upload = useUpload((uploads, transfer, file: File) =>
    uploads.file(file, { kind: 'artifact', name: file.name, ...transfer }),
  );
  const { status, progress, result } = upload;
  const totalBytes = progress?.totalBytes || 1;
  const error = upload.error ?? files.error;
  return (
    <section aria-label="Files">
      <h2>Files</h2>
      <label>
        File{' '}
        <input
          type="file"
          onChange={({ target }) => {
            const file = target.files?.[0];
            if (file) upload.start(file);
            // The same file may be chosen again.
            target.value = '';
          }}
        />
      </label>
      <progress
        aria-label="Progress"
        max={totalBytes}
        value={status === 'done' ? totalBytes : (progress?.doneBytes ?? 0)}
      />
      <p>
        <output aria-label="Upload">{status === 'uploading' && progress ? progress.phase : status}</output>{' '}
        {status === 'uploading' && <Button name="Pause" onClick={upload.pause} />}
        {(status === 'paused' || status === 'failed') && <Button name="Resume" onClick={upload.resume} />}
        {status !== 'idle' && status !== 'done' && <Button name="Abort" onClick={upload.abort} />}
        {result && <code>{result.key}</code>}
      </p>
      {error && <p role="alert">{error.message}</p>}
      <ul>
        {files.data?.items.map(({ id, key, sizeBytes }) => (
          <li key={id}>
            <code>{key}</code> <small>{sizeBytes.toLocaleString('en')} bytes</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Button({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button type="button" onClick={onClick}>
      {name}
    </button>
  );
}
