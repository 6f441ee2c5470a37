import { useMutation, useQuery } from '@tanstack/react-query';
import type { StoredObject } from '@topology-nexus/client';
import { useNexus, useNexusClient, useUpload } from '@topology-nexus/client/react';

/** An upload with its controls, and the files that are there. */
export function Files() {
  const nexus = useNexus();
  const files = useQuery(nexus.objects.list.queryOptions({ limit: 8 }));
  const upload = useUpload((uploads, transfer, file: File) =>
    uploads.file(file, { kind: 'artifact', name: file.name, ...transfer }),
  );
  const client = useNexusClient();
  const download = useMutation({
    // Compared with its SHA-256; for files beyond what a page should hold, link to the URL of `objects.presign`.
    mutationFn: async (file: StoredObject) => save(await client.downloads.bytes(file.id), file),
  });
  const { status, progress, result } = upload;
  const totalBytes = progress?.totalBytes || 1;
  const error = upload.error ?? download.error ?? files.error;
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
        {files.data?.items.map((file) => (
          <li key={file.id}>
            <code>{file.key}</code> <small>{file.sizeBytes.toLocaleString('en')} bytes</small>{' '}
            <Button name="Download" onClick={() => download.mutate(file)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function save(bytes: Uint8Array, { key, contentType }: StoredObject) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: contentType }));
  link.download = key.slice(key.lastIndexOf('/') + 1);
  link.click();
  URL.revokeObjectURL(link.href);
}

function Button({ name, onClick }: { name: string; onClick: () => void }) {
  return (
    <button type="button" onClick={onClick}>
      {name}
    </button>
  );
}
