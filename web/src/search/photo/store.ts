// The shopper's photos, kept in this browser so that they survive a reload. They are never sent to be stored.

const DATABASE = "lookalike";
const STORE = "photos";
const KEPT = 20;

interface StoredPhoto {
  key: string;
  name: string;
  file: Blob;
}

export async function savePhoto(photo: StoredPhoto): Promise<void> {
  await transact("readwrite", async (store) => {
    store.put(photo);
    const keys = await result(store.getAllKeys());
    // Keys begin with the time, so the first ones are the oldest.
    for (const key of keys.slice(0, Math.max(0, keys.length - KEPT))) store.delete(key);
  });
}

export async function loadPhoto(key: string): Promise<StoredPhoto | undefined> {
  return transact("readonly", (store) => result(store.get(key) as IDBRequest<StoredPhoto | undefined>));
}

export async function deletePhotos(): Promise<void> {
  await transact("readwrite", async (store) => void store.clear());
}

async function transact<Value>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => Promise<Value>,
): Promise<Value | undefined> {
  let database: IDBDatabase;
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
    database = await result(opening);
  } catch {
    // Some private windows have no database. The photo then lasts as long as its tab.
    return undefined;
  }
  try {
    return await work(database.transaction(STORE, mode).objectStore(STORE));
  } finally {
    database.close();
  }
}

function result<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB request failed"));
  });
}
