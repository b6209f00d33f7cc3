interface Notice {
  id: number;
  text: string;
  action: string;
  onaction: (() => void) | null;
}

const DURATION_MS = 7000;

/** Short messages at the bottom of the page, with an action such as Undo. */
class Notices {
  list: Notice[] = $state([]);
  #next = 1;

  show(text: string, action = "", onaction: (() => void) | null = null): void {
    const id = this.#next++;
    this.list.push({ id, text, action, onaction });
    setTimeout(() => this.close(id), DURATION_MS);
  }

  close(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
