// A stranger, who reads our log with what Go uses for its own (golang.org/x/mod/sumdb) and knows nothing of our code.
//
//	stranger check FOLDER       the checkpoint in FOLDER, its tiles, and every proof in proofs.json
//	stranger sign NAME < TEXT   a note that Go signs with a new key, after the line to verify it with
//
// It says what does not hold and ends with 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 3 {
		fail("stranger check FOLDER, or stranger sign NAME")
	}
	switch os.Args[1] {
	case "check":
		check(os.Args[2])
	case "sign":
		sign(os.Args[2])
	default:
		fail("what is %s?", os.Args[1])
	}
}

func check(folder string) {
	head := openCheckpoint(folder)
	tree := tlog.TileHashReader(head, tiles{folder})
	var claims struct {
		Included []struct {
			Index int64
			Entry []byte
			Proof tlog.RecordProof
			Who   half
			What  half
		}
		Earlier []struct {
			Size  int64
			Root  tlog.Hash
			Proof tlog.TreeProof
		}
	}
	must(json.Unmarshal(read(folder, "proofs.json"), &claims))

	for _, one := range claims.Included {
		must(tlog.CheckRecord(one.Proof, head.N, head.Hash, one.Index, tlog.RecordHash(one.Entry)))
		checkLeaf(one.Entry, one.Who, one.What)
		own, err := tlog.ProveRecord(head.N, one.Index, tree)
		must(err)
		if !reflect.DeepEqual(own, one.Proof) {
			fail("entry %d is proven otherwise out of the tiles", one.Index)
		}
	}
	for _, one := range claims.Earlier {
		must(tlog.CheckTree(one.Proof, head.N, head.Hash, one.Size, one.Root))
		root, err := tlog.TreeHash(one.Size, tree)
		must(err)
		own, err := tlog.ProveTree(head.N, one.Size, tree)
		must(err)
		if root != one.Root || !reflect.DeepEqual(own, one.Proof) {
			fail("the tree of %d is proven otherwise out of the tiles", one.Size)
		}
	}
	published := 0
	grown := tlog.NewTiles(8, 0, head.N)
	for at, tile := range grown {
		// Go lists a partial tile at every width it ever had; the widest holds them all.
		if at+1 < len(grown) && grown[at+1].L == tile.L && grown[at+1].N == tile.N {
			continue
		}
		published++
		own, err := tlog.ReadTileData(tile, tree)
		must(err)
		if !bytes.Equal(own, read(folder, pathOf(tile))) {
			fail("%s holds other hashes", pathOf(tile))
		}
	}
	fmt.Printf("%d entries in %d tiles, %d proven, %d earlier trees\n", head.N, published, len(claims.Included), len(claims.Earlier))
}

// Half of what was said, in the bytes over which its hash was made.
type half struct{ Salt, Value []byte }

func (h half) hash() []byte {
	sum := sha256.Sum256(append(append([]byte{}, h.Salt...), h.Value...))
	return sum[:]
}

// An entry that is a leaf names its halves by their hashes.
func checkLeaf(entry []byte, who, what half) {
	var leaf struct {
		Version   int
		Who, What []byte
	}
	must(json.Unmarshal(entry, &leaf))
	if leaf.Version != 1 || !bytes.Equal(leaf.Who, who.hash()) || !bytes.Equal(leaf.What, what.hash()) {
		fail("%s is not of these halves", entry)
	}
}

// The head that both the log and its witness have signed.
func openCheckpoint(folder string) tlog.Tree {
	log, err := note.NewVerifier(string(read(folder, "log.key")))
	must(err)
	opened, err := note.Open(read(folder, "checkpoint"), note.VerifierList(log, newWitness(string(read(folder, "witness.key")))))
	must(err)
	if len(opened.Sigs) != 2 {
		fail("signed by %d, not by two", len(opened.Sigs))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() {
		fail("no checkpoint of %s", log.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

// A witness, as c2sp.org/tlog-cosignature describes it; Go knows only notes.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(line string) witness {
	parts := strings.SplitN(line, "+", 3)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	must(err)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if len(key) != 33 || key[0] != 4 {
		fail("%s is no key of a witness", line)
	}
	return witness{parts[0], uint32(hash), key[1:]}
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

type tiles struct{ folder string }

func (t tiles) Height() int { return 8 }
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		found = append(found, read(t.folder, pathOf(tile)))
	}
	return found, nil
}
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// Go names the height of a tile in its path; c2sp.org/tlog-tiles does not, since it is always 8.
func pathOf(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

func sign(name string) {
	text, err := io.ReadAll(os.Stdin)
	must(err)
	private, public, err := note.GenerateKey(rand.Reader, name)
	must(err)
	signer, err := note.NewSigner(private)
	must(err)
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	must(err)
	fmt.Printf("%s\n%s", public, signed)
}

func read(folder, name string) []byte {
	content, err := os.ReadFile(filepath.Join(folder, name))
	must(err)
	if strings.HasSuffix(name, ".key") {
		return bytes.TrimSpace(content)
	}
	return content
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
