// Package patch is Pacemaker's patch sets: the difference of two CIBs as XML,
// which is made, read and applied.
//
// Format 2 is a list of changes. Each names its element by a path of names and
// ids, such as /cib/configuration/nodes/node[@id='1'], and deletes it, replaces
// its attributes, moves it to a place among its siblings, or creates a child.
// Deletions come first. Then creations and moves are put in their places in
// the order of their positions, so that a position is the one in the result.
//
//	<diff format="2" digest="...">
//	  <version>
//	    <source admin_epoch="0" epoch="1" num_updates="0"/>
//	    <target admin_epoch="0" epoch="2" num_updates="0"/>
//	  </version>
//	  <change operation="delete" path="/cib/configuration/nodes/node[@id='2']"/>
//	</diff>
//
// Format 1 is what Pacemaker wrote before feature set 3.0.9: two trees, of what
// is removed and of what is added, in which the roots of whole subtrees are
// marked with __crm_diff_marker__. New elements go to the end of their parent,
// so it cannot say everything; Diff refuses what it cannot. Pacemaker 3 reads
// format 2 alone.
//
// Where Pacemaker makes a patch set that does not lead to the document it was
// made for, the one made here is different:
//
//   - Elements that a path cannot tell apart (several of a name without an id,
//     or with the same id), or not name in a way that Pacemaker reads (an id
//     with a slash, an apostrophe or white space): when one changes, it, those
//     like it, or the next element above that has a name, are deleted and
//     created again.
//   - Comments that differ only in case are different.
//   - The digest is that of the result, also when Options.IgnoreAttrOrder
//     leaves attributes in an order that is not that of the new document.
//   - Format 1 is refused where it cannot lead to the new document; Pacemaker
//     then makes a patch set whose digest does not match.
//
// Pacemaker 2.1.5 applies format 1 with a fault: attributes that are only
// removed stay. They go here. Comments in format 1, which Pacemaker writes but
// does not apply, are applied.
//
// Everything is pure. What a Set is made of may be shared with the documents
// that it was made from or with the element that it was read from; whoever
// changes those afterwards changes the set.
package patch
